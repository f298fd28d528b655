import type { Clock } from '../common/clock.js';
import { endsWithin } from '../common/within.js';
import { Delivery } from '../events/delivery.js';
import type { RevragEvent } from '../events/revrag-event.js';
import type { HandlerRegistry } from '../handlers/handler.registry.js';
import type { Announcements } from './announcements.js';
import type { Claims, NotClaimed } from './claims.js';
import type { Conflicts } from './conflicts.js';
import { identityOf } from './delivery-identity.js';
import type { DeliverySink } from './delivery-sink.js';
import type { HandlerLimits } from './handler-limits.js';
import { HeldClaim } from './held-claim.js';
import type { InFlight } from './in-flight.js';
import type { Outcome } from './outcome.js';
import { Run } from './run.js';
import { shuttingDown, storeUnavailable } from '../errors/unavailable.js';

/** The parts of a processor. */
interface ProcessorParts {
  readonly registry: HandlerRegistry;
  readonly claims: Claims;
  readonly conflicts: Conflicts;
  readonly sink: DeliverySink;
  readonly limits: HandlerLimits;
  readonly announcements: Announcements;
  readonly inFlight: InFlight;
  readonly clock: Clock;
}

/** How long an answer waits for the store to record finished handlers, in milliseconds. */
const END_PATIENCE_MS = 1_000;

/** Claims an event, hands it to the sink and ends the claim. */
export class DeliveryProcessor {
  constructor(private readonly parts: ProcessorParts) {}

  /** @throws RevragUnavailableError `store_unavailable`, `shutting_down` */
  async process(event: RevragEvent): Promise<Outcome> {
    const { registry, claims, conflicts, announcements, inFlight } = this.parts;
    const { id } = event.delivery;
    const identity = identityOf(Delivery.verified(event.delivery), event.payload);
    const handlers = registry.match(event);
    conflicts.reportReusedId(identity, event);
    if (handlers.length === 0) {
      announcements.announce(identity.body, event);
      return { status: 'ignored', id };
    }
    const ids = handlers.map(handler => handler.id);
    const claim = await claims.take(identity, ids, id);
    if (!(claim instanceof HeldClaim)) {
      if (claim.status === 'completed') conflicts.reportOtherContent(claim.key, identity, event);
      return notClaimed(claim, id);
    }
    if (inFlight.closed) {
      // The app may have closed what handlers need. Nothing waits for the end any more.
      void claim.end();
      throw shuttingDown();
    }
    Delivery.claimed(event.delivery, claim.key, claim.fence);
    const left = handlers.filter(handler => !claim.hasFinished(handler.id));
    return this.start(new Run(event, left, claim));
  }

  /**
   * Resolves to the outcome, or to a failure if `handlerTimeout` or the app's shutdown comes first. The handlers
   * then keep the claim, and what they still finish is recorded.
   */
  private start(run: Run): Promise<Outcome> {
    const { inFlight, limits } = this.parts;
    const work = inFlight.add(() =>
      run.answerEarly('The app is closing', { status: 'refused', error: shuttingDown() }),
    );
    const stopWatching = limits.watch(run, () => inFlight.remove(work));
    run.claim.onLost = () => run.abort('Another instance has claimed this delivery');
    run.claim.keep();
    return new Promise((resolve, reject) => {
      run.answer = resolve;
      this.handOver(run, stopWatching)
        .finally(() => inFlight.remove(work))
        .then(resolve, reject);
    });
  }

  /** @param onSettled Called when the handlers have settled, before the claim ends. */
  private async handOver(run: Run, onSettled: () => void): Promise<Outcome> {
    const { event, handlers, claim } = run;
    let refusal: Outcome | undefined;
    try {
      await run.settle(this.parts.sink.dispatch(event, handlers));
    } catch (cause) {
      const message = 'The event could not be persisted. Send the delivery again.';
      refusal = { status: 'refused', error: storeUnavailable(message, cause) };
    } finally {
      onSettled();
    }
    await this.end(claim);
    if (refusal) return refusal;
    const { outcome } = run;
    if (outcome.status !== 'failed') this.parts.announcements.announce(claim.key, event);
    return outcome;
  }

  /** Ends the claim. Doesn't block the response on a slow store. */
  private async end(claim: HeldClaim): Promise<void> {
    const { inFlight, clock } = this.parts;
    const ended = claim.end();
    if (!(await endsWithin(ended, END_PATIENCE_MS, clock))) inFlight.track(ended);
  }
}

function notClaimed(answer: NotClaimed, id: string): Outcome {
  if (answer.status === 'completed') return { status: 'duplicate', id };
  const retryAfter = Math.max(1, Math.ceil(answer.retryAfter / 1000));
  return { status: 'in_progress', id, retryAfter };
}
