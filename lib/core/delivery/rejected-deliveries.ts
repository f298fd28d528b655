import type { Clock } from '../common/clock.js';
import { endsWithin } from '../common/within.js';
import type { RevragPayloadError } from '../errors/revrag-payload.error.js';
import type { RejectedDeliveryNotifier } from '../handlers/rejected-delivery.notifier.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';
import type { Claims } from './claims.js';
import { identityOf } from './delivery-identity.js';
import { HeldClaim } from './held-claim.js';
import type { InFlight } from './in-flight.js';
import type { RejectedDeliverySink } from './rejected-delivery-sink.js';
import { shuttingDown, storeUnavailable } from './unavailable.js';

/** How long the sender's answer waits for methods decorated `@OnRejectedDelivery()`, in milliseconds. */
const NOTIFY_PATIENCE_MS = 5_000;

/** The parts of `RejectedDeliveries`. */
interface RejectedDeliveriesParts {
  readonly notifier: RejectedDeliveryNotifier;
  readonly sink: RejectedDeliverySink | undefined;
  readonly claims: Claims;
  readonly inFlight: InFlight;
  readonly clock: Clock;
}

/** Offers authentic deliveries that were rejected for their payload to the queue and the app, each body once. */
export class RejectedDeliveries {
  constructor(private readonly parts: RejectedDeliveriesParts) {}

  /** @throws RevragUnavailableError `store_unavailable` if the delivery could not be kept, `shutting_down` */
  async offer(delivery: VerifiedDelivery, error: RevragPayloadError): Promise<void> {
    await Promise.all([this.keep(delivery, error), this.notify(delivery, error)]);
  }

  private async keep(delivery: VerifiedDelivery, error: RevragPayloadError): Promise<void> {
    try {
      await this.parts.sink?.accept(delivery, error);
    } catch (cause) {
      throw storeUnavailable('The delivery could not be kept. Send it again.', cause);
    }
  }

  private async notify(delivery: VerifiedDelivery, error: RevragPayloadError): Promise<void> {
    const { notifier, claims, inFlight, clock } = this.parts;
    const ids = notifier.match(delivery);
    if (ids.length === 0) return;
    const claim = await claims.take(identityOf(delivery), ids, delivery.id);
    if (!(claim instanceof HeldClaim)) return;
    if (inFlight.closed) {
      // As for handlers: the app may have closed what the methods need.
      void claim.end();
      throw shuttingDown();
    }
    const left = ids.filter(id => !claim.hasFinished(id));
    const notified = this.call(claim, left, delivery, error);
    inFlight.track(notified);
    await endsWithin(notified, NOTIFY_PATIENCE_MS, clock);
  }

  private async call(
    claim: HeldClaim,
    ids: readonly string[],
    delivery: VerifiedDelivery,
    error: RevragPayloadError,
  ): Promise<void> {
    claim.keep();
    const done = await this.parts.notifier.notify(ids, delivery, error);
    for (const id of done) claim.finish(id);
    await claim.end();
  }
}
