import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Timeouts } from '../common/timeouts.js';
import { internalError, toAnswer, type Answer } from '../delivery/answer.js';
import { EndpointRegistry, type Accept, type Endpoint } from '../delivery/endpoint-registry.js';
import { InFlight } from '../delivery/in-flight.js';
import { OutcomeLog } from '../delivery/outcome-log.js';
import { shuttingDown } from '../delivery/unavailable.js';
import { RevragBodyError } from '../errors/revrag-body.error.js';
import { RevragNotAcceptedError } from '../errors/revrag-not-accepted.error.js';
import { RevragWebhookError } from '../errors/revrag-webhook.error.js';
import { stackOf } from '../errors/stack-of.js';
import type { DeliveryHead } from '../signature/headers.js';
import type { PathParams } from '../signature/path-params.js';
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
  private readonly logger = new Logger(BodyCapture.name);
  private readonly deadlines = new Map<string, Timeouts>();

  constructor(
    private readonly endpoints: EndpointRegistry,
    private readonly inFlight: InFlight,
    private readonly log: OutcomeLog,
    private readonly pool: BodyPool,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @param done Called once. */
  capture(incoming: Incoming, done: (captured: Captured) => void): void {
    const startedAt = this.clock.now();
    const endpoint = this.endpoints.get(incoming.endpoint);
    const { node, request, params } = incoming;
    const state = stateOf(node);
    state.params = params;
    const refuse = (error: unknown) => {
      const closes = leaveBody(node);
      done({ answer: this.refuse(endpoint, error, startedAt), closes });
    };
    let head: DeliveryHead;
    try {
      head = state.head = this.readHead(endpoint, incoming, startedAt);
    } catch (error) {
      return refuse(error);
    }
    if (node.readableEnded) {
      // Other code has read the body; it may have kept a copy, or will.
      state.rawBody = copyOf(request);
      return done('kept');
    }
    this.read(endpoint, incoming, head, result => {
      if (!Buffer.isBuffer(result)) return result ? refuse(result) : done('gone');
      state.rawBody = result;
      done('kept');
    });
  }

  private readHead(
    { verifier, bodyLimit }: Endpoint,
    { node: { headers }, params }: Incoming,
    startedAt: number,
  ): DeliveryHead {
    if (this.inFlight.closing) throw shuttingDown();
    const head = verifier.readHead(headers, startedAt, params);
    checkBodyHeaders(headers, bodyLimit);
    return head;
  }

  /**
   * Calls the app's `accept`, then reads the body, both within the endpoint's `bodyTimeout`.
   *
   * @param done Called once: with the bytes, with an error, or with undefined if the sender is gone.
   */
  private read(
    endpoint: Endpoint,
    incoming: Incoming,
    head: DeliveryHead,
    done: (result: Buffer | Error | undefined) => void,
  ): void {
    const { node, response } = incoming;
    const share = this.pool.share();
    let stop: () => void = () => undefined;
    let isOver = false;
    const finish = (result: Buffer | Error | undefined) => {
      if (isOver) return;
      isOver = true;
      this.inFlight.remove(work);
      deadlines.cancel(wait);
      stop();
      done(result);
    };
    // Closing the app waits for the body, up to shutdownTimeout; then the request is destroyed.
    const work = this.inFlight.add(() => node.destroy());
    const deadlines = this.deadlinesOf(endpoint);
    let isAdmitted = false;
    const wait = deadlines.set(() => finish(isAdmitted ? timedOut(endpoint) : undecided(endpoint)));
    const read = () => {
      if (isOver) return;
      isAdmitted = true;
      if (node.destroyed) return finish(undefined);
      stateOf(node).share = share;
      // Releases the share if the request is refused, or if the app's own middleware answers it.
      response.once('close', share.release);
      stop = readBody(node, endpoint.bodyLimit, share, finish);
    };
    const admitted = this.admit(endpoint, incoming, head);
    if (!admitted) return read();
    admitted.then(read, finish);
  }

  /**
   * Calls the app's `accept`, and gets the secret if it is not known yet.
   *
   * @returns a promise to wait for, if necessary; it rejects if the body is not to be read
   */
  private admit(
    { accept, verifier }: Endpoint,
    incoming: Incoming,
    head: DeliveryHead,
  ): Promise<void> | undefined {
    if (accept) return this.ask(accept, incoming).then(() => verifier.prepare(head));
    return verifier.isPrepared ? undefined : verifier.prepare(head);
  }

  /** @throws RevragNotAcceptedError, and what `accept` throws */
  private async ask(accept: Accept, { endpoint, params, request, node }: Incoming): Promise<void> {
    const { ip = node.socket.remoteAddress } = request;
    if (await accept({ endpoint, ip, params, headers: node.headers })) return;
    throw new RevragNotAcceptedError();
  }

  private deadlinesOf({ name, bodyTimeout }: Endpoint): Timeouts {
    const deadlines = this.deadlines.get(name) ?? new Timeouts(this.clock, bodyTimeout);
    this.deadlines.set(name, deadlines);
    return deadlines;
  }

  private refuse({ name }: Endpoint, error: unknown, startedAt: number): Answer {
    if (error instanceof RevragWebhookError) {
      const outcome = { status: 'refused', error } as const;
      this.log.write({ endpoint: name, startedAt }, outcome);
      return toAnswer(outcome);
    }
    this.logger.error('A delivery could not be read', stackOf(error));
    return internalError();
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
