import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../clock.js';

/** Work that shutdown waits for. */
export interface Work {
  readonly settled: Promise<unknown>;
  /** Called when shutdown has waited long enough. */
  readonly expire?: () => void;
}

/** Everything under way in one app, so that closing can wait for it. */
@Injectable()
export class InFlight {
  private readonly all = new Set<Work>();
  private isClosing = false;
  private isClosed = false;

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

  add(work: Work): void {
    this.all.add(work);
    const remove = () => this.all.delete(work);
    work.settled.then(remove, remove);
  }

  /**
   * Waits until nothing is under way, `timeout` milliseconds at most; then tells what is left.
   *
   * @returns how many deliveries were left
   */
  async drain(timeout: number): Promise<number> {
    this.isClosing = true;
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
    // Settling work may add more, such as recording what was done.
    while (this.all.size > 0 && !expired) {
      await Promise.race([deadline, Promise.allSettled([...this.all].map(work => work.settled))]);
    }
    cancel?.();
    this.isClosed = true;
    const left = [...this.all].filter(work => work.expire !== undefined);
    for (const work of left) work.expire?.();
    return left.length;
  }
}
