import { Subject, type Observable } from 'rxjs';
import type { Clock } from '../clock.js';
import { parseEvent } from '../events/parse-event.js';
import type { RevragEvent } from '../events/revrag-event.js';
import type { Endpoint } from '../signature/endpoint-registry.js';
import { RevragWebhookError } from '../signature/errors/revrag-webhook.error.js';
import type { DeliveryHead, WebhookHeaders } from '../signature/headers.js';
import { shuttingDown, type DeliveryProcessor } from './delivery-processor.js';
import type { InFlight } from './in-flight.js';
import type { OutcomeLog } from './outcome-log.js';
import type { Outcome } from './outcome.js';

/** Bytes and headers in, outcome out: the whole way, for one endpoint. */
export class WebhookReceiver {
  private readonly accepted = new Subject<RevragEvent>();

  constructor(
    private readonly endpoint: Endpoint,
    private readonly processor: DeliveryProcessor,
    private readonly inFlight: InFlight,
    private readonly log: OutcomeLog,
    private readonly clock: Clock,
  ) {}

  /** Events that were verified, validated and not seen before, once handled or queued. */
  get events$(): Observable<RevragEvent> {
    return this.accepted.asObservable();
  }

  /**
   * @param getBody Gives the bytes; what it throws refuses the delivery.
   * @param head Where the headers were read before the body came.
   */
  receive(
    getBody: () => Buffer | Uint8Array | string,
    headers: WebhookHeaders,
    options: { receivedAt?: Date; head?: DeliveryHead } = {},
  ): Promise<Outcome> {
    const settled = this.receiveLogged(getBody, headers, options);
    this.inFlight.add({ settled });
    return settled;
  }

  private async receiveLogged(
    getBody: () => Buffer | Uint8Array | string,
    headers: WebhookHeaders,
    { receivedAt, head }: { receivedAt?: Date; head?: DeliveryHead },
  ): Promise<Outcome> {
    const startedAt = this.clock.now();
    let event: RevragEvent | undefined;
    let outcome: Outcome;
    try {
      if (this.inFlight.closing) throw shuttingDown();
      const { verifier } = this.endpoint;
      const read = head ?? verifier.readHead(headers, receivedAt);
      event = parseEvent(await verifier.verifyBody(read, getBody(), receivedAt));
      outcome = await this.processor.process(event);
    } catch (error) {
      if (!(error instanceof RevragWebhookError)) throw error;
      outcome = { status: 'refused', error };
    }
    const duration = this.clock.now() - startedAt;
    this.log.write({ endpoint: this.endpoint.name, type: event?.type, duration }, outcome);
    if (event && isAccepted(outcome)) this.accepted.next(event);
    return outcome;
  }
}

const isAccepted = ({ status }: Outcome): boolean =>
  status === 'processed' || status === 'queued' || status === 'ignored';
