import type { Awaitable } from '../awaitable.js';
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

type GetBody = () => RawBytes | Uint8Array | string;

interface ReceiveOptions {
  readonly receivedAt?: Date;
  readonly head?: DeliveryHead;
}

/** What is known of a delivery so far. */
interface Receipt {
  readonly startedAt: number;
  delivery: VerifiedDelivery | undefined;
  /** Ids of those that it was handed to. */
  handlers: readonly string[] | undefined;
}

/** Bytes and headers in, outcome out: the whole way, for one endpoint. */
export class WebhookReceiver {
  constructor(
    private readonly endpoint: Endpoint,
    private readonly processor: DeliveryProcessor,
    private readonly inFlight: InFlight,
    private readonly rejected: RejectedDeliveries,
    private readonly outcomes: OutcomeLog,
    private readonly clock: Clock,
    private readonly observer?: DeliveryObserver,
  ) {}

  /**
   * @param getBody Gives the bytes; what it throws refuses the delivery.
   * @param head Where the headers were read before the body came.
   */
  receive(
    getBody: GetBody,
    headers: WebhookHeaders,
    options: ReceiveOptions = {},
  ): Awaitable<Outcome> {
    if (!this.observer) return this.receiveLogged(getBody, headers, options);
    return this.observer.aroundDelivery(this.endpoint.name, async () =>
      this.receiveLogged(getBody, headers, options),
    );
  }

  private receiveLogged(
    getBody: GetBody,
    headers: WebhookHeaders,
    options: ReceiveOptions,
  ): Awaitable<Outcome> {
    const receipt: Receipt = {
      startedAt: this.clock.now(),
      delivery: undefined,
      handlers: undefined,
    };
    const outcome = this.outcomeOf(receipt, getBody, headers, options);
    if ('status' in outcome) return this.log(receipt, outcome);
    const logged = outcome.then(settled => this.log(receipt, settled));
    this.inFlight.track(logged);
    return logged;
  }

  /** Refuses what fails, whether it does so at once or later. */
  private outcomeOf(
    receipt: Receipt,
    getBody: GetBody,
    headers: WebhookHeaders,
    options: ReceiveOptions,
  ): Awaitable<Outcome> {
    try {
      const outcome = this.verify(receipt, getBody, headers, options);
      if ('status' in outcome) return outcome;
      return outcome.catch((error: unknown) => this.refuse(receipt, error));
    } catch (error) {
      return this.refuse(receipt, error);
    }
  }

  private verify(
    receipt: Receipt,
    getBody: GetBody,
    headers: WebhookHeaders,
    { receivedAt, head }: ReceiveOptions,
  ): Awaitable<Outcome> {
    if (this.inFlight.closing) throw shuttingDown();
    const { verifier } = this.endpoint;
    const at = receivedAt?.getTime() ?? receipt.startedAt;
    const read = head ?? verifier.readHead(headers, at);
    const verified = verifier.verifyBody(read, getBody(), at);
    const waited = receivedAt !== undefined;
    return verified instanceof Promise
      ? verified.then(delivery => this.process(receipt, delivery, waited))
      : this.process(receipt, verified, waited);
  }

  private process(
    receipt: Receipt,
    delivery: VerifiedDelivery,
    waited: boolean,
  ): Awaitable<Outcome> {
    receipt.delivery = delivery;
    const onHandOver = (ids: readonly string[]) => (receipt.handlers = ids);
    return this.processor.process(parseEvent(delivery), onHandOver, waited);
  }

  /** @throws what is no refusal */
  private refuse({ delivery }: Receipt, error: unknown): Awaitable<Outcome> {
    if (!(error instanceof RevragWebhookError)) throw error;
    if (!delivery || !(error instanceof RevragPayloadError)) return { status: 'refused', error };
    return this.rejected
      .offer(delivery, error)
      .then(answer => ({ status: 'refused', error: answer }));
  }

  private log({ startedAt, delivery, handlers }: Receipt, outcome: Outcome): Outcome {
    const { name: endpoint } = this.endpoint;
    const { id, type } = delivery ?? {};
    this.outcomes.write({ endpoint, id, type, startedAt, handlers }, outcome);
    return outcome;
  }
}
