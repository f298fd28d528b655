import type { Clock } from '../core/common/clock.js';

/** Two ticks: a blocked event loop may use up one, and then reads what has arrived meanwhile. */
const TICKS = 2;

/**
 * Notices a server that does not answer although commands are pending. A connection that died without a reset looks
 * like a slow server; without this, the client would wait forever.
 */
export class Silence {
  private pending = 0;
  private silentTicks = 0;
  private isTicking = false;

  /**
   * @param ms How long the server may be silent.
   * @param onSilence Called once for each such span.
   */
  constructor(
    private readonly clock: Clock,
    private readonly ms: number,
    private readonly onSilence: () => void,
  ) {}

  /** Watches for silence until the answer settles, and returns it. */
  async during<T>(answer: Promise<T>): Promise<T> {
    this.pending += 1;
    if (!this.isTicking) {
      this.silentTicks = 0;
      this.tick();
    }
    try {
      return await answer;
    } finally {
      this.pending -= 1;
      this.silentTicks = 0;
    }
  }

  private tick(): void {
    this.isTicking = true;
    this.clock.after(this.ms / TICKS, () => {
      if (this.pending === 0) {
        this.isTicking = false;
        return;
      }
      this.silentTicks += 1;
      if (this.silentTicks > TICKS) {
        this.silentTicks = 0;
        this.onSilence();
      }
      this.tick();
    });
  }
}
