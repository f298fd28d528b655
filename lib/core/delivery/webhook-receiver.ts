import type { Awaitable } from '../common/awaitable.js';
import type { Clock } from '../common/clock.js';
import type { DeliveryObserver } from '../handlers/delivery-observer.js';
import { RevragPayloadError } from '../errors/revrag-payload.error.js';
import { parseEvent } from '../events/parse-event.js';
import type { Endpoint } from './endpoint-registry.js';
import { RevragWebhookError } from '../errors/revrag-webhook.error.js';
import type { DeliveryHead, WebhookHeaders } from '../signature/headers.js';
import type { RawBytes } from '../common/raw-bytes.js';
import { VerifiedDelivery } from '../signature/verified-delivery.js';
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
  /** The platform's request, where there is one. */
  readonly request?: object;
}

/** What is known of a delivery so far. */
class Receipt {
  delivery: VerifiedDelivery | undefined = undefined;
  /** Ids of those that it was handed to. */
  handlers: readonly string[] | undefined = undefined;

  constructor(readonly startedAt: number) {}
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
    const receipt = new Receipt(this.clock.now());
    let outcome: Awaitable<Outcome>;
    try {
      outcome = this.verify(receipt, getBody, headers, options);
    } catch (error) {
      outcome = this.refuse(receipt, error);
    }
    return 'status' in outcome ? this.log(receipt, outcome) : this.logLater(receipt, outcome);
  }

  private async logLater(receipt: Receipt, coming: Promise<Outcome>): Promise<Outcome> {
    const work = this.inFlight.start();
    let outcome: Outcome;
    try {
      outcome = await coming;
    } catch (error) {
      outcome = await this.refuse(receipt, error);
    } finally {
      this.inFlight.done(work);
    }
    return this.log(receipt, outcome);
  }

  private verify(
    receipt: Receipt,
    getBody: GetBody,
    headers: WebhookHeaders,
    { receivedAt, head, request }: ReceiveOptions,
  ): Awaitable<Outcome> {
    if (this.inFlight.closing) throw shuttingDown();
    const { verifier } = this.endpoint;
    const at = receivedAt?.getTime() ?? receipt.startedAt;
    const read = head ?? verifier.readHead(headers, at);
    const verified = verifier.verifyBody(read, getBody(), at);
    const waited = receivedAt !== undefined;
    const process = (delivery: VerifiedDelivery) => {
      VerifiedDelivery.setOrigin(delivery, { headers, request });
      return this.process(receipt, delivery, waited);
    };
    return verified instanceof Promise ? verified.then(process) : process(verified);
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
