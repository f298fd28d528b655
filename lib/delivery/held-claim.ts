import { Logger } from '@nestjs/common';
import type { Clock } from '../clock.js';
import type { Claim, IdempotencyStore } from '../idempotency/idempotency-store.js';
import { printable } from '../printable.js';

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
  private stopRenewing: (() => void) | undefined;
  private settled = false;

  constructor(
    private readonly store: IdempotencyStore,
    private readonly claim: Claim,
    private readonly times: ClaimTimes,
    private readonly clock: Clock,
    /** Called when somebody else has claimed the delivery meanwhile. */
    private readonly onLost: () => void,
  ) {
    this.renewLater();
  }

  /** Notes a handler that has finished while others run; recorded soon, unless the claim ends before. */
  finished(handlerId: string): void {
    this.finishedIds.push(handlerId);
    this.unrecorded += 1;
    // Handlers that finish together are recorded together.
    if (this.unrecorded === 1) setImmediate(() => void this.recordFinished(1));
  }

  /** Ends the claim: the delivery is done. */
  complete(): Promise<void> {
    return this.settle('complete', () => this.store.complete(this.claim, this.times.retention));
  }

  /** Ends the claim: a redelivery may run what has not finished. */
  release(): Promise<void> {
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

  /** Tries until the store answers: a handler that has finished must not run again for want of a record. */
  private async settle(what: string, operation: () => Promise<boolean>): Promise<void> {
    this.settled = true;
    for (let tries = 1; ; tries += 1) {
      try {
        if (!(await operation())) HeldClaim.logger.warn(`Too late to ${what} ${this.name}`);
        break;
      } catch (error) {
        this.warn(what, error);
        if (tries === MAX_TRIES) break;
        await new Promise<void>(resolve => this.clock.after(retryDelay(tries), resolve));
      }
    }
    this.stopRenewing?.();
  }

  private renewLater(): void {
    this.stopRenewing = this.clock.after(this.times.lease / 3, () => void this.renew());
  }

  private async renew(): Promise<void> {
    this.renewLater();
    try {
      if (await this.store.renew(this.claim, this.times.lease)) return;
      this.stopRenewing?.();
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

const retryDelay = (tries: number): number =>
  RETRY_DELAYS[Math.min(tries, RETRY_DELAYS.length) - 1] as number;
