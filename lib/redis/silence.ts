import type { Clock } from '../core/common/clock.js';

/** A stalled event loop can spend one; then what has arrived meanwhile is read first. */
const TICKS = 2;

/**
 * Notices a peer that answers nothing although it was asked: a connection that died without a reset looks
 * like one whose server is slow, and would be waited on for ever.
 */
export class Silence {
  private pending = 0;
  private silentTicks = 0;
  private isTicking = false;

  /**
   * @param ms How long nothing must be heard.
   * @param onSilence Called once for each such span.
   */
  constructor(
    private readonly clock: Clock,
    private readonly ms: number,
    private readonly onSilence: () => void,
  ) {}

  /** Passes on the answer to a question. */
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
