import type { Clock } from '../common/clock.js';
import type { RevragPayloadError } from '../errors/revrag-payload.error.js';
import type { RejectedDeliveryNotifier } from '../handlers/rejected-delivery.notifier.js';
import type { RevragWebhookError } from '../errors/revrag-webhook.error.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';
import { Timeouts } from '../common/timeouts.js';
import type { InFlight } from './in-flight.js';
import type { RejectedDeliverySink } from './rejected-delivery-sink.js';
import { storeUnavailable } from './unavailable.js';
import { waitAtMost } from './wait-at-most.js';

/** How long a sender that is refused anyway waits for methods decorated `@OnRejectedDelivery()`. */
const NOTIFY_PATIENCE_MS = 5_000;

/** Offers authentic deliveries that are refused for their payload to whoever wants them. */
export class RejectedDeliveries {
  private readonly patience: Timeouts;

  constructor(
    private readonly notifier: RejectedDeliveryNotifier,
    private readonly sink: RejectedDeliverySink | undefined,
    private readonly inFlight: InFlight,
    clock: Clock,
  ) {
    this.patience = new Timeouts(clock, NOTIFY_PATIENCE_MS);
  }

  /** @returns what to refuse it with: the error or, where it should be kept and could not be, `store_unavailable` */
  async offer(delivery: VerifiedDelivery, error: RevragPayloadError): Promise<RevragWebhookError> {
    const notified = this.notifier.notify(delivery, error);
    this.inFlight.track(notified);
    const noticed = waitAtMost(this.patience, notified);
    try {
      await Promise.all([this.sink?.accept(delivery, error), noticed]);
      return error;
    } catch (cause) {
      return storeUnavailable('The delivery could not be kept. Send it again.', cause);
    }
  }
}
