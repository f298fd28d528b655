import type { Clock } from '../core/common/clock.js';

/** Repeats a question, and reports when no answer comes. */
export class SilenceGuard {
  private cancel: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    /** Milliseconds between an answer and the next question. */
    private readonly interval: number,
  ) {}

  /**
   * @param ask Rejects if no answer comes in time.
   * @param onSilence Called once, and ends the watch.
   */
  watch(ask: () => Promise<unknown>, onSilence: (error: Error) => void): void {
    this.stop();
    const cancel = this.clock.after(this.interval, () => {
      ask().then(
        // Unless it watches something else by now.
        () => this.cancel === cancel && this.watch(ask, onSilence),
        (error: unknown) => this.cancel === cancel && onSilence(error as Error),
      );
    });
    this.cancel = cancel;
  }

  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
  }
}
