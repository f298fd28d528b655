import type { Awaitable } from '../common/awaitable.js';
import type { Clock } from '../common/clock.js';
import { Delivery } from '../events/delivery.js';
import type { RevragEvent } from '../events/revrag-event.js';
import type { Handler } from '../handlers/handler.js';
import type { HandlerRegistry } from '../handlers/handler.registry.js';
import type {
  Claim,
  ClaimRequest,
  ClaimResult,
  IdempotencyStore,
} from '../idempotency/idempotency-store.js';
import { Timeouts } from '../common/timeouts.js';
import type { DeliverySink, SinkResult } from './delivery-sink.js';
import { HeldClaim, type ClaimTimes } from './held-claim.js';
import type { InFlight } from './in-flight.js';
import type { Outcome } from './outcome.js';
import { shuttingDown, storeUnavailable } from './unavailable.js';
import { waitAtMost } from './wait-at-most.js';

export interface ProcessorOptions extends ClaimTimes {
  /** Milliseconds. */
  readonly macRetention: number;
  /** Milliseconds; undefined for none. */
  readonly handlerTimeout: number | undefined;
}

/** An event on its way through, under the id that it was claimed by. */
class Run {
  constructor(
    readonly event: RevragEvent,
    /** Ids of the handlers that have not finished. */
    public unfinished: readonly string[],
    readonly claim: HeldClaim,
  ) {}
}

type OnHandOver = (handlerIds: readonly string[]) => void;

/** How long an answer waits for the store to take down what was done. */
const SETTLE_PATIENCE_MS = 1_000;

/** Claim, hand to the sink, settle. */
export class DeliveryProcessor {
  private readonly renewals: Timeouts;
  private readonly patience: Timeouts;
  private readonly handlerTimeouts: Timeouts | undefined;

  constructor(
    private readonly registry: HandlerRegistry,
    private readonly store: IdempotencyStore,
    private readonly sink: DeliverySink,
    private readonly inFlight: InFlight,
    private readonly clock: Clock,
    private readonly options: ProcessorOptions,
    /** Called with each event that was handled, also late, or queued, or that nothing handles. */
    private readonly onAccepted: (event: RevragEvent) => void,
  ) {
    const { lease, handlerTimeout } = options;
    this.renewals = new Timeouts(clock, lease / 3);
    this.patience = new Timeouts(clock, SETTLE_PATIENCE_MS);
    this.handlerTimeouts =
      handlerTimeout === undefined ? undefined : new Timeouts(clock, handlerTimeout);
  }

  /**
   * @param onHandOver Told the ids of the handlers that the event is handed to.
   * @param waited Whether the delivery waited in a queue: it may do so again, so its MACs are worth
   * remembering for longer than the tolerance.
   * @throws RevragUnavailableError `store_unavailable`, `shutting_down`
   */
  process(event: RevragEvent, onHandOver: OnHandOver, waited: boolean): Awaitable<Outcome> {
    const handlers = this.registry.match(event);
    if (handlers.length === 0) {
      this.onAccepted(event);
      return { status: 'ignored', id: event.delivery.id };
    }
    const claimed = this.claim(this.claimRequest(event.delivery, waited));
    return 'status' in claimed
      ? this.proceed(event, handlers, claimed, onHandOver)
      : claimed.then(result => this.proceed(event, handlers, result, onHandOver));
  }

  private claim(request: ClaimRequest): Awaitable<ClaimResult> {
    const fail = (cause: unknown): never => {
      throw storeUnavailable(
        'The idempotency store can not be reached. Send the delivery again.',
        cause,
      );
    };
    try {
      const result = this.store.claim(request);
      return 'status' in result ? result : Promise.resolve(result).catch(fail);
    } catch (cause) {
      return fail(cause);
    }
  }

  private proceed(
    event: RevragEvent,
    handlers: readonly Handler[],
    result: ClaimResult,
    onHandOver: OnHandOver,
  ): Awaitable<Outcome> {
    switch (result.status) {
      case 'completed':
        return { status: 'duplicate', id: result.id };
      case 'in_progress': {
        const retryAfter = Math.max(1, Math.ceil(result.retryAfter / 1000));
        return { status: 'in_progress', id: result.id, retryAfter };
      }
      case 'claimed': {
        const { claim, finished } = result;
        if (this.inFlight.closed) return this.giveBack(claim);
        const left =
          finished.length > 0 ? handlers.filter(({ id }) => !finished.includes(id)) : handlers;
        const unfinished = left.map(({ id }) => id);
        onHandOver(unfinished);
        return this.inTime(this.start(event, unfinished, claim), left);
      }
      default:
        return result satisfies never;
    }
  }

  private claimRequest(delivery: Delivery, waited: boolean): ClaimRequest {
    const { lease, retention } = this.options;
    const macRetention = waited ? retention : this.options.macRetention;
    const { id, endpoint } = delivery;
    const { macs } = Delivery.verified(delivery);
    return { endpoint, id, macs, lease, macRetention };
  }

  /** For a claim that came too late: the app has closed what handlers need. */
  private async giveBack(claim: Claim): Promise<never> {
    try {
      await this.store.release(claim, [], this.options.retention);
    } catch {
      // The lease runs out by itself.
    }
    throw shuttingDown();
  }

  private start(received: RevragEvent, unfinished: readonly string[], claim: Claim): Run {
    const delivery = under(claim.id, received.delivery);
    const event = delivery === received.delivery ? received : { ...received, delivery };
    const held = new HeldClaim(this.store, claim, this.options, this.clock, this.renewals, () =>
      Delivery.abort(delivery, new Error('The claim on this delivery was lost')),
    );
    return new Run(event, unfinished, held);
  }

  private handOver(run: Run, handlers: readonly Handler[]): Awaitable<Outcome> {
    const result = this.sink.accept(run.event, handlers, handlerId => {
      run.unfinished = run.unfinished.filter(id => id !== handlerId);
      // The last one needs no record of its own: the end of the claim says it.
      if (run.unfinished.length > 0) run.claim.finished(handlerId);
    });
    if ('status' in result) return this.settle(run, result);
    return result.then(
      accepted => this.settle(run, accepted),
      (cause: unknown) => this.refuse(run, cause),
    );
  }

  private settle({ event, unfinished, claim }: Run, { status }: SinkResult): Awaitable<Outcome> {
    const { id } = event.delivery;
    if (status === 'handled' && unfinished.length > 0) {
      const failed = { status: 'failed', id, handlerIds: unfinished } as const;
      return this.afterEnd(claim.release(), () => failed);
    }
    return this.afterEnd(claim.complete(), () => {
      this.onAccepted(event);
      return { status: status === 'queued' ? 'queued' : 'processed', id };
    });
  }

  private refuse({ claim }: Run, cause: unknown): Awaitable<Outcome> {
    const message = 'The event could not be persisted. Send the delivery again.';
    const error = storeUnavailable(message, cause);
    return this.afterEnd(claim.release(), () => ({ status: 'refused', error }));
  }

  /** What was done is done: the answer does not hang on a store that has trouble taking it down. */
  private afterEnd(ended: Promise<void> | undefined, outcome: () => Outcome): Awaitable<Outcome> {
    if (!ended) return outcome();
    return waitAtMost(this.patience, ended).then(isDone => {
      if (!isDone) this.inFlight.track(ended);
      return outcome();
    });
  }

  /**
   * The outcome, or a failure when `handlerTimeout` or the app's shutdown comes first. The handlers
   * keep the claim then; whatever they still finish is recorded.
   */
  private inTime(run: Run, handlers: readonly Handler[]): Awaitable<Outcome> {
    const outcome = this.handOver(run, handlers);
    if ('status' in outcome) return outcome;
    run.claim.keep();
    const { delivery } = run.event;
    return new Promise((resolve, reject) => {
      const giveUp = (reason: string, failure: Outcome) => {
        Delivery.abort(delivery, new Error(reason));
        resolve(failure);
      };
      const work = this.inFlight.start(() =>
        giveUp('The app is closing', { status: 'refused', error: shuttingDown() }),
      );
      const timeouts = this.handlerTimeouts;
      const wait = timeouts?.start(() =>
        giveUp(`handlerTimeout of ${timeouts.ms} ms has passed`, {
          status: 'failed',
          id: delivery.id,
          handlerIds: run.unfinished,
        }),
      );
      const end = <T>(settle: (value: T) => void) => {
        return (value: T): void => {
          if (wait) timeouts?.cancel(wait);
          this.inFlight.done(work);
          settle(value);
        };
      };
      outcome.then(end(resolve), end(reject));
    });
  }
}

/** The same delivery under the id that its bytes first came with. */
const under = (id: string, delivery: Delivery): Delivery =>
  id === delivery.id ? delivery : Delivery.with(delivery, { id });
