import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Timeouts } from '../common/timeouts.js';
import { internalError, toAnswer, type Answer } from '../delivery/answer.js';
import { EndpointRegistry, type Endpoint } from '../delivery/endpoint-registry.js';
import { InFlight } from '../delivery/in-flight.js';
import { OutcomeLog, type ReceivedDelivery } from '../delivery/outcome-log.js';
import { overloaded, shuttingDown } from '../errors/unavailable.js';
import { RevragBodyError } from '../errors/revrag-body.error.js';
import { RevragNotAcceptedError } from '../errors/revrag-not-accepted.error.js';
import { RevragWebhookError } from '../errors/revrag-webhook.error.js';
import type { DeliveryHead } from '../signature/headers.js';
import type { PathParams } from '../signature/path-params.js';
import type { BodyBuffer } from './body-buffer.js';
import { BodyPool } from './body-pool.js';
import { checkBodyHeaders, readBody } from './read-body.js';
import { copyOf, stateOf, type WebhookRequest } from './request.js';
import { leaveBody } from './unwanted-body.js';

/** A request to a route that takes deliveries. */
interface Incoming {
  readonly endpoint: string;
  readonly params: PathParams;
  /** Express's request or Fastify's. */
  readonly request: WebhookRequest & { readonly ip?: string };
  readonly node: IncomingMessage;
  readonly response: ServerResponse;
}

/** The answer to a rejected request, and whether its connection closes with it. */
interface Refusal {
  readonly answer: Answer;
  readonly closes: boolean;
}

/**
 * What became of a request's body: it is `kept` on the request, which continues; the request is rejected with an
 * answer; or the sender has `gone`, and needs no answer.
 */
type Captured = 'kept' | 'gone' | Refusal;

/**
 * Keeps the raw bytes of deliveries before any parser sees them, within bounds of memory and time. Rejects
 * requests with missing, malformed or stale headers, and those that `accept` declines, before the body is read.
 */
@Injectable()
export class BodyCapture {
  private readonly deadlines = new Map<string, Timeouts>();

  constructor(
    private readonly endpoints: EndpointRegistry,
    private readonly inFlight: InFlight,
    private readonly outcomes: OutcomeLog,
    private readonly pool: BodyPool,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Never rejects. */
  async capture(incoming: Incoming): Promise<Captured> {
    const startedAt = this.clock.monotonic();
    const endpoint = this.endpoints.get(incoming.endpoint);
    const { node, request, params } = incoming;
    const state = stateOf(node);
    state.params = params;
    try {
      const head = this.checkHead(endpoint, incoming);
      state.head = head;
      if (node.readableEnded) {
        // Other code has read the body. Without a copy yet, takeBody() looks again.
        state.rawBody = copyOf(request);
        return 'kept';
      }
      const body = await this.read(endpoint, incoming, head);
      state.rawBody = body?.toBuffer();
      return body ? 'kept' : 'gone';
    } catch (error) {
      const closes = leaveBody(node);
      return { answer: this.refuse({ endpoint: endpoint.name, startedAt }, error), closes };
    }
  }

  private checkHead(
    { verifier, bodyLimit }: Endpoint,
    { node: { headers }, params }: Incoming,
  ): DeliveryHead {
    if (this.inFlight.closing) throw shuttingDown();
    const head = verifier.readHead(headers, this.clock.now(), params);
    checkBodyHeaders(headers, bodyLimit);
    return head;
  }

  /**
   * Calls the app's `accept`, then reads the body, both within the endpoint's `bodyTimeout`.
   *
   * @returns undefined if the sender is gone
   */
  private async read(
    endpoint: Endpoint,
    incoming: Incoming,
    head: DeliveryHead,
  ): Promise<BodyBuffer | undefined> {
    const { node, response } = incoming;
    // Closing the app waits for the body, up to shutdownTimeout; then the request is destroyed.
    const work = this.inFlight.add(() => node.destroy());
    const deadlines = this.deadlinesOf(endpoint);
    let isAdmitted = false;
    let stop: (error: Error) => void = () => undefined;
    const stopped = new Promise<never>((_resolve, reject) => (stop = reject));
    const wait = deadlines.set(() => stop(isAdmitted ? timedOut(endpoint) : undecided(endpoint)));
    try {
      await Promise.race([this.admit(endpoint, incoming, head), stopped]);
      isAdmitted = true;
      if (node.destroyed) return undefined;
      const share = this.pool.share(() => stop(overloaded()));
      stateOf(node).share = share;
      // Releases the share if the request is refused, or if the app's own middleware answers it.
      response.once('close', share.release);
      const body = await readBody(node, endpoint.bodyLimit, share, stopped);
      share.complete();
      return body;
    } finally {
      this.inFlight.remove(work);
      deadlines.cancel(wait);
    }
  }

  /**
   * Calls the app's `accept`, and gets the secret if it is not known yet.
   *
   * @throws RevragNotAcceptedError, and what `accept` throws
   */
  private async admit(
    { accept, verifier }: Endpoint,
    { endpoint, params, request, node }: Incoming,
    head: DeliveryHead,
  ): Promise<void> {
    const { ip = node.socket.remoteAddress } = request;
    const { headers } = node;
    if (accept && !(await accept({ endpoint, ip, params, headers }))) {
      throw new RevragNotAcceptedError();
    }
    await verifier.prepare(head);
  }

  private deadlinesOf({ name, bodyTimeout }: Endpoint): Timeouts {
    const deadlines = this.deadlines.get(name) ?? new Timeouts(this.clock, bodyTimeout);
    this.deadlines.set(name, deadlines);
    return deadlines;
  }

  private refuse(received: ReceivedDelivery, error: unknown): Answer {
    if (!(error instanceof RevragWebhookError)) {
      this.outcomes.writeError(received, error);
      return internalError();
    }
    const outcome = { status: 'refused', error } as const;
    this.outcomes.write(received, outcome);
    return toAnswer(outcome);
  }
}

const timedOut = ({ bodyTimeout }: Endpoint): RevragBodyError =>
  new RevragBodyError(
    'body_timeout',
    `The body did not arrive within ${bodyTimeout / 1000} s. Send the delivery again.`,
  );

const undecided = ({ name, bodyTimeout }: Endpoint): Error =>
  new Error(
    `The \`accept\` or \`secret\` function of the endpoint "${name}" did not answer within ${bodyTimeout / 1000} s`,
  );
