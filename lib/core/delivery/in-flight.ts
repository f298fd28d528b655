import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { endsWithin } from '../common/within.js';

/** Work that shutdown waits for. A class, as decision 29 says. */
class Work {
  /** @param expire Called when shutdown has waited long enough. */
  constructor(readonly expire: (() => void) | undefined) {}
}

/** The work in progress of one app, which closing waits for. */
@Injectable()
export class InFlight {
  private readonly all = new Set<Work>();
  private isClosing = false;
  private isClosed = false;
  private onRemove: (() => void) | undefined;
  private draining: Promise<number> | undefined;

  constructor(@Inject(Clock) private readonly clock: Clock) {}

  /** True once the app has begun to close: it accepts nothing new. */
  get closing(): boolean {
    return this.isClosing;
  }

  /** How much work is in progress. */
  get size(): number {
    return this.all.size;
  }

  /** True once closing has waited. What handlers need may be closed, so none may start. */
  get closed(): boolean {
    return this.isClosed;
  }

  /** Adds work that is in progress until it is removed. */
  add(expire?: () => void): Work {
    const work = new Work(expire);
    this.all.add(work);
    return work;
  }

  remove(work: Work): void {
    this.all.delete(work);
    this.onRemove?.();
  }

  /** Adds work that is in progress until the promise settles. */
  track(settled: Promise<unknown>): void {
    const work = this.add();
    const remove = () => this.remove(work);
    settled.then(remove, remove);
  }

  /**
   * Waits until no work is in progress, `timeout` milliseconds at most; then expires what is left. An app that is
   * closed twice at once waits once.
   *
   * @returns the number of deliveries that were left
   */
  drain(timeout: number): Promise<number> {
    this.isClosing = true;
    return (this.draining ??= this.waitAtMost(timeout));
  }

  private async waitAtMost(timeout: number): Promise<number> {
    // Keeps the process alive until the app is closed; without HTTP nothing else may do so.
    await endsWithin(this.untilIdle(), timeout, this.clock, true);
    this.isClosed = true;
    const left = [...this.all].filter(work => work.expire !== undefined);
    for (const work of left) work.expire?.();
    return left.length;
  }

  private async untilIdle(): Promise<void> {
    // Finished work may have started more, such as recording.
    while (this.all.size > 0) await new Promise<void>(resolve => (this.onRemove = resolve));
  }
}
