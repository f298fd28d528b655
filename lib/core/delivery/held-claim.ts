import { Logger } from '@nestjs/common';
import { isThenable, type Awaitable } from '../common/awaitable.js';
import type { Clock } from '../common/clock.js';
import type { Claim, IdempotencyStore } from '../idempotency/idempotency-store.js';
import { printable } from '../common/printable.js';
import type { Timeouts, Wait } from '../common/timeouts.js';

export interface ClaimTimes {
  /** Milliseconds. */
  readonly lease: number;
  /** Milliseconds. */
  readonly retention: number;
}

/** Waits between tries to tell the store what was done, in milliseconds; the last one repeats. */
const RETRY_DELAYS = [50, 200, 1_000, 5_000];
/** About ten minutes of tries; a store that is away for longer has lost the lease anyway. */
const MAX_TRIES = 120;

/** A claim while its delivery is being processed: keeps the lease alive and tells the store what was done. */
export class HeldClaim {
  private static readonly logger = new Logger(HeldClaim.name);
  private readonly finishedIds: string[] = [];
  private unrecorded = 0;
  private renewal: Wait | undefined;
  private settled = false;

  constructor(
    private readonly store: IdempotencyStore,
    private readonly claim: Claim,
    private readonly times: ClaimTimes,
    private readonly clock: Clock,
    /** Of a third of the lease. */
    private readonly renewals: Timeouts,
    /** Called when somebody else has claimed the delivery meanwhile. */
    private readonly onLost: () => void,
  ) {}

  /** Renews the lease until the claim ends. To be called where that is not at once. */
  keep(): void {
    this.renewal = this.renewals.start(() => void this.renew());
  }

  /** Notes a handler that has finished while others run; recorded soon, unless the claim ends before. */
  finished(handlerId: string): void {
    this.finishedIds.push(handlerId);
    this.unrecorded += 1;
    // Handlers that finish together are recorded together.
    if (this.unrecorded === 1) setImmediate(() => void this.recordFinished(1));
  }

  /**
   * Ends the claim: the delivery is done.
   *
   * @returns what to wait for where the store has not answered at once
   */
  complete(): Promise<void> | undefined {
    return this.settle('complete', () => this.store.complete(this.claim, this.times.retention));
  }

  /**
   * Ends the claim: a redelivery may run what has not finished.
   *
   * @returns as `complete`
   */
  release(): Promise<void> | undefined {
    return this.settle('release', () =>
      this.store.release(this.claim, this.finishedIds, this.times.retention),
    );
  }

  private async recordFinished(tries: number): Promise<void> {
    this.unrecorded = 0;
    if (this.settled) return;
    const ids = [...this.finishedIds];
    try {
      await this.store.record(this.claim, ids, this.times.retention);
    } catch (error) {
      this.warn('record progress of', error);
      // The completion or the release carries these handlers too, but a crash may come before.
      this.clock.after(retryDelay(tries), () => void this.recordFinished(tries + 1));
    }
  }

  private settle(what: string, operation: () => Awaitable<boolean>): Promise<void> | undefined {
    this.settled = true;
    const answer = attempt(operation);
    if (isThenable(answer)) return this.settleLater(what, operation, answer);
    this.end(what, answer);
    return undefined;
  }

  /** Tries until the store answers: a handler that has finished must not run again for want of a record. */
  private async settleLater(
    what: string,
    operation: () => Awaitable<boolean>,
    first: Promise<boolean>,
  ): Promise<void> {
    let answer: Awaitable<boolean> = first;
    for (let tries = 1; ; tries += 1) {
      try {
        return this.end(what, await answer);
      } catch (error) {
        this.warn(what, error);
        if (tries === MAX_TRIES) return this.stopRenewing();
      }
      await new Promise<void>(resolve => this.clock.after(retryDelay(tries), resolve));
      answer = attempt(operation);
    }
  }

  private end(what: string, isOwner: boolean): void {
    this.stopRenewing();
    if (!isOwner) HeldClaim.logger.warn(`Too late to ${what} ${this.name}`);
  }

  private stopRenewing(): void {
    if (this.renewal) this.renewals.cancel(this.renewal);
  }

  private async renew(): Promise<void> {
    this.keep();
    try {
      if (await this.store.renew(this.claim, this.times.lease)) return;
      this.stopRenewing();
      if (this.settled) return;
      HeldClaim.logger.warn(`The lease of ${this.name} ran out and somebody else has claimed it`);
      this.onLost();
    } catch (error) {
      this.warn('renew the lease of', error);
    }
  }

  private get name(): string {
    return `delivery ${printable(this.claim.id)}`;
  }

  private warn(what: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : typeof error;
    HeldClaim.logger.warn(
      `The store did not ${what} ${this.name}, which is tried again: ${reason}`,
    );
  }
}

/** For a store that throws where it should reject. */
function attempt<T>(operation: () => Awaitable<T>): Awaitable<T> {
  try {
    return operation();
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(typeof error));
  }
}

const retryDelay = (tries: number): number =>
  RETRY_DELAYS[Math.min(tries, RETRY_DELAYS.length) - 1] as number;
