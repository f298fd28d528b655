import type { Clock } from '../clock.js';
import type { DeliveryObserver } from '../delivery-observer.js';
import { RevragPayloadError } from '../events/errors/revrag-payload.error.js';
import { parseEvent } from '../events/parse-event.js';
import type { Endpoint } from '../signature/endpoint-registry.js';
import { RevragWebhookError } from '../signature/errors/revrag-webhook.error.js';
import type { DeliveryHead, WebhookHeaders } from '../signature/headers.js';
import type { RawBytes } from '../signature/raw-bytes.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';
import type { DeliveryProcessor } from './delivery-processor.js';
import type { InFlight } from './in-flight.js';
import type { OutcomeLog } from './outcome-log.js';
import type { Outcome } from './outcome.js';
import type { RejectedDeliveries } from './rejected-deliveries.js';
import { shuttingDown } from './unavailable.js';

/** Bytes and headers in, outcome out: the whole way, for one endpoint. */
export class WebhookReceiver {
  constructor(
    private readonly endpoint: Endpoint,
    private readonly processor: DeliveryProcessor,
    private readonly inFlight: InFlight,
    private readonly rejected: RejectedDeliveries,
    private readonly log: OutcomeLog,
    private readonly clock: Clock,
    private readonly observer?: DeliveryObserver,
  ) {}

  /**
   * @param getBody Gives the bytes; what it throws refuses the delivery.
   * @param head Where the headers were read before the body came.
   */
  receive(
    getBody: () => RawBytes | Uint8Array | string,
    headers: WebhookHeaders,
    options: { receivedAt?: Date; head?: DeliveryHead } = {},
  ): Promise<Outcome> {
    const receive = () => this.receiveLogged(getBody, headers, options);
    return this.observer?.aroundDelivery(this.endpoint.name, receive) ?? receive();
  }

  private async receiveLogged(
    getBody: () => RawBytes | Uint8Array | string,
    headers: WebhookHeaders,
    { receivedAt, head }: { receivedAt?: Date; head?: DeliveryHead },
  ): Promise<Outcome> {
    const startedAt = this.clock.now();
    const work = this.inFlight.start();
    let delivery: VerifiedDelivery | undefined;
    let handlers: readonly string[] | undefined;
    let outcome: Outcome;
    try {
      if (this.inFlight.closing) throw shuttingDown();
      const { verifier } = this.endpoint;
      const read = head ?? verifier.readHead(headers, receivedAt);
      const verified = verifier.verifyBody(read, getBody(), receivedAt);
      delivery = verified instanceof Promise ? await verified : verified;
      const event = parseEvent(delivery);
      const waited = receivedAt !== undefined;
      outcome = await this.processor.process(event, ids => (handlers = ids), waited);
    } catch (error) {
      outcome = { status: 'refused', error: await this.refusal(error, delivery) };
    } finally {
      this.inFlight.done(work);
    }
    const duration = this.clock.now() - startedAt;
    const { name: endpoint } = this.endpoint;
    this.log.write(
      { endpoint, id: delivery?.id, type: delivery?.type, duration, handlers },
      outcome,
    );
    return outcome;
  }

  /**
   * What the sender is told.
   *
   * @throws what is no refusal
   */
  private async refusal(
    error: unknown,
    delivery: VerifiedDelivery | undefined,
  ): Promise<RevragWebhookError> {
    if (!(error instanceof RevragWebhookError)) throw error;
    const isUnreadable = delivery && error instanceof RevragPayloadError;
    return isUnreadable ? this.rejected.offer(delivery, error) : error;
  }
}
