import { Logger } from '@nestjs/common';
import type { Clock } from '../common/clock.js';
import { endsWithin } from '../common/within.js';
import type { RevragPayloadError } from '../errors/revrag-payload.error.js';
import { stackOf } from '../errors/stack-of.js';
import type { HandlerDispatcher } from '../handlers/handler.dispatcher.js';
import type { HandlerRegistry } from '../handlers/handler.registry.js';
import type { Handler } from '../handlers/handler.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';
import type { Claims } from './claims.js';
import { identityOf } from './delivery-identity.js';
import type { DeliverySink } from './delivery-sink.js';
import { HeldClaim } from './held-claim.js';
import type { InFlight } from './in-flight.js';
import { shuttingDown, storeUnavailable } from '../errors/unavailable.js';

/** How long the sender's answer waits for methods decorated `@OnRejectedDelivery()`, in milliseconds. */
const NOTIFY_PATIENCE_MS = 5_000;

/** The parts of `RejectedDeliveries`. */
interface RejectedDeliveriesParts {
  readonly registry: HandlerRegistry;
  readonly dispatcher: HandlerDispatcher;
  readonly sink: DeliverySink;
  readonly claims: Claims;
  readonly inFlight: InFlight;
  readonly clock: Clock;
}

/** Offers authentic deliveries that were rejected for their payload to the queue and the app, each body once. */
export class RejectedDeliveries {
  private readonly logger = new Logger('RevragWebhook');

  constructor(private readonly parts: RejectedDeliveriesParts) {}

  /** @throws RevragUnavailableError `store_unavailable` if the delivery could not be kept, `shutting_down` */
  async offer(delivery: VerifiedDelivery, error: RevragPayloadError): Promise<void> {
    await Promise.all([this.keep(delivery), this.notify(delivery, error)]);
  }

  private async keep(delivery: VerifiedDelivery): Promise<void> {
    try {
      await this.parts.sink.keepRejected?.(delivery);
    } catch (cause) {
      throw storeUnavailable('The delivery could not be kept. Send it again.', cause);
    }
  }

  private async notify(delivery: VerifiedDelivery, error: RevragPayloadError): Promise<void> {
    const { registry, claims, inFlight, clock } = this.parts;
    const wanting = registry.matchRejected(delivery.endpoint);
    if (wanting.length === 0) return;
    const ids = wanting.map(({ id }) => id);
    const claim = await claims.take(identityOf(delivery), ids, delivery.id);
    if (!(claim instanceof HeldClaim)) return;
    if (inFlight.closed) {
      // As for handlers: the app may have closed what the methods need.
      void claim.end();
      throw shuttingDown();
    }
    const left = wanting.filter(({ id }) => !claim.hasFinished(id));
    const notified = this.run(claim, left, delivery, error);
    inFlight.track(notified);
    await endsWithin(notified, NOTIFY_PATIENCE_MS, clock);
  }

  private async run(
    claim: HeldClaim,
    methods: readonly Handler[],
    delivery: VerifiedDelivery,
    error: RevragPayloadError,
  ): Promise<void> {
    const { dispatcher } = this.parts;
    claim.keep();
    const contexts = dispatcher.contextsOf(delivery);
    await Promise.all(
      methods.map(async method => {
        try {
          await dispatcher.invoke(method, contexts, [delivery, error]);
          claim.finish(method.id);
        } catch (thrown) {
          this.logger.error(`${method.id} failed for a rejected delivery`, stackOf(thrown));
        }
      }),
    );
    await claim.end();
  }
}
