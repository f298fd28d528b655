import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';

/** Work that shutdown waits for. */
export class Work {
  /** @param expire Called when shutdown has waited long enough. */
  constructor(readonly expire: (() => void) | undefined) {}
}

/** Everything under way in one app, so that closing can wait for it. */
@Injectable()
export class InFlight {
  private readonly all = new Set<Work>();
  private isClosing = false;
  private isClosed = false;
  private onIdle: (() => void) | undefined;
  private draining: Promise<number> | undefined;

  constructor(@Inject(Clock) private readonly clock: Clock) {}

  /** True once the app has begun to close: nothing new is accepted. */
  get closing(): boolean {
    return this.isClosing;
  }

  /** How much is under way. */
  get size(): number {
    return this.all.size;
  }

  /** True once closing has waited: what handlers need may be gone, so none may be started any more. */
  get closed(): boolean {
    return this.isClosed;
  }

  /** Under way until `done` is called with the answer. */
  start(expire?: () => void): Work {
    const work = new Work(expire);
    this.all.add(work);
    return work;
  }

  done(work: Work): void {
    this.all.delete(work);
    if (this.all.size === 0) this.onIdle?.();
  }

  /** Under way until the promise has settled. */
  track(settled: Promise<unknown>, expire?: () => void): void {
    const work = this.start(expire);
    const done = () => this.done(work);
    settled.then(done, done);
  }

  /**
   * Waits until nothing is under way, `timeout` milliseconds at most; then tells what is left. An app that
   * is closed twice at once waits once.
   *
   * @returns how many deliveries were left
   */
  drain(timeout: number): Promise<number> {
    this.isClosing = true;
    return (this.draining ??= this.waitAtMost(timeout));
  }

  private async waitAtMost(timeout: number): Promise<number> {
    let expired = false;
    let cancel: (() => void) | undefined;
    const deadline = new Promise<void>(resolve => {
      cancel = this.clock.after(
        timeout,
        () => {
          expired = true;
          resolve();
          // An app without HTTP may have nothing else that keeps the process alive until all is closed.
        },
        true,
      );
    });
    // Work that is done may have started more, such as recording what was done.
    while (this.all.size > 0 && !expired) {
      await Promise.race([deadline, new Promise<void>(resolve => (this.onIdle = resolve))]);
    }
    cancel?.();
    this.isClosed = true;
    const left = [...this.all].filter(work => work.expire !== undefined);
    for (const work of left) work.expire?.();
    return left.length;
  }
}
