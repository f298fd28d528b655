import { Logger } from '@nestjs/common';
import type { Awaitable } from '../common/awaitable.js';
import type { Clock } from '../common/clock.js';
import { printable } from '../common/printable.js';
import { summarizeError } from '../errors/summarize-error.js';
import type {
  Claim,
  ClaimRequest,
  ClaimResult,
  DeliveryIdentity,
  IdempotencyStore,
  Progress,
} from '../idempotency/idempotency-store.js';

/** Waits between tries to record, in milliseconds; the last one repeats. */
const RETRY_DELAYS = [50, 200, 1_000];
/** About ten minutes. By then, the lease has ended anyway. */
const MAX_TRIES = 600;

/** A claim that this process holds: renews the lease, and records which handlers have finished. */
export class HeldClaim {
  private static readonly logger = new Logger('RevragWebhook');
  private readonly claim: Claim;
  private readonly finished: string[];
  private isEnding = false;
  private hasEnded = false;
  private isRecording = false;
  private cancelRenewal: (() => void) | undefined;
  /** Resolves when the last write has settled. */
  private writing: Promise<unknown> = Promise.resolve();

  /** Called when the store has recorded the end, or recording is given up. */
  onEnd: () => void = () => undefined;
  /** Called if another process has claimed the delivery. */
  onLost: () => void = () => undefined;

  constructor(
    private readonly store: IdempotencyStore,
    granted: Extract<ClaimResult, { readonly status: 'claimed' }>,
    private readonly times: Pick<ClaimRequest, 'lease' | 'retention'>,
    private readonly clock: Clock,
    /** The delivery's id, for the log. */
    private readonly deliveryId: string,
  ) {
    this.claim = granted.claim;
    this.finished = [...granted.finished];
  }

  get identity(): DeliveryIdentity {
    return this.claim.identity;
  }

  get key(): string {
    return this.claim.key;
  }

  get fence(): number {
    return this.claim.fence;
  }

  /** @param name The digest of a body or of an id. */
  isOf(name: string): boolean {
    const { key, identity } = this.claim;
    return name === key || name === identity.body || name === identity.id;
  }

  hasFinished(handlerId: string): boolean {
    return this.finished.includes(handlerId);
  }

  /** Renews the lease until the claim ends. */
  keep(): void {
    this.cancelRenewal = this.clock.after(this.times.lease / 3, () => void this.renew());
  }

  /** Notes a handler that has finished. */
  finish(handlerId: string): void {
    if (!this.finished.includes(handlerId)) this.finished.push(handlerId);
    // A stuck handler that settles after all. Another one may never settle, so nothing else would record it.
    if (this.isEnding) return void this.end();
    if (this.isRecording) return;
    this.isRecording = true;
    // Handlers that finish together are recorded together; those that finish last, by the end.
    setImmediate(() => void this.recordFinished(1));
  }

  /**
   * Ends the claim. Retries until the store answers, so that a finished handler is not rerun for lack of a record.
   * Resolves when it is recorded, or recording is given up.
   */
  async end(): Promise<void> {
    // By `onStuck: 'release'`, or by handlers that have settled since.
    const wasReleased = this.isEnding;
    this.isEnding = true;
    for (let tries = 1; ; tries += 1) {
      try {
        const isOwner = await this.write(() => this.store.end(this.claim, this.progress()));
        return this.ended(isOwner || wasReleased, tries > 1);
      } catch (error) {
        this.logRetry('end the claim on', tries, error);
      }
      if (tries === MAX_TRIES) return this.stopRetrying();
      await new Promise<void>(resolve => this.clock.after(retryDelay(tries), resolve));
    }
  }

  /** One at a time: on another connection of a pool, a renewal could overtake the end and take the claim again. */
  private write(work: () => Awaitable<boolean>): Promise<boolean> {
    const answer = this.writing.then(work);
    this.writing = answer.catch(() => undefined);
    return answer;
  }

  private stopRetrying(): void {
    HeldClaim.logger.error(
      `The store did not record the finished handlers of delivery ${this.name} in ${MAX_TRIES} tries; ` +
        'a redelivery may run them again',
    );
    this.ended(true);
  }

  private ended(isOwner: boolean, isRetry = false): void {
    if (!isOwner) this.logLoss(isRetry ? undefined : 'recorded');
    this.hasEnded = true;
    this.cancelRenewal?.();
    this.onEnd();
    // Immediates that are left keep this claim for a moment, which must not keep the event with it.
    this.onEnd = this.onLost = () => undefined;
  }

  private async recordFinished(tries: number): Promise<void> {
    this.isRecording = false;
    if (this.isEnding) return;
    try {
      if (!(await this.write(() => this.store.record(this.claim, this.progress())))) this.lose();
    } catch (error) {
      this.logRetry('record progress of', tries, error);
      // The end records these handlers too, but the process may crash before it.
      this.isRecording = true;
      this.clock.after(retryDelay(tries), () => void this.recordFinished(tries + 1));
    }
  }

  private async renew(): Promise<void> {
    this.keep();
    try {
      // Also while the end is retried; after it, a renewal would take the claim again.
      const renew = () => this.hasEnded || this.store.renew(this.claim, this.times.lease);
      if (!(await this.write(renew))) this.lose();
    } catch (error) {
      if (!this.isEnding) this.logRetry('renew the lease of', 1, error);
    }
  }

  private lose(): void {
    this.cancelRenewal?.();
    if (this.isEnding) return;
    this.logLoss('finished');
    this.onLost();
  }

  private progress(): Progress {
    return { handlerIds: [...this.finished], retention: this.times.retention };
  }

  /** @param before Undefined if that is not known: an earlier try may have been recorded without an answer. */
  private logLoss(before: 'finished' | 'recorded' | undefined): void {
    HeldClaim.logger.warn(
      before
        ? `Another instance claimed delivery ${this.name} before this one ${before} it: the lease ran out`
        : `Another instance has claimed delivery ${this.name}. This one had finished it before, and its record ` +
            'may have arrived without an answer',
    );
  }

  private logRetry(what: string, tries: number, error: unknown): void {
    // Logs the first failure, then about one a minute.
    if (tries % 60 !== 1) return;
    HeldClaim.logger.warn(
      `The store did not ${what} delivery ${this.name}; retrying: ${summarizeError(error)}`,
    );
  }

  private get name(): string {
    return printable(this.deliveryId);
  }
}

const retryDelay = (tries: number): number =>
  RETRY_DELAYS[Math.min(tries, RETRY_DELAYS.length) - 1] as number;
