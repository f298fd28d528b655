import type { Clock } from '../../lib/core/common/clock.js';

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  private setBy = 0;
  private timers: { at: number; callback: () => void }[] = [];

  constructor(private time = Date.UTC(2026, 5, 1, 12)) {}

  now(): number {
    return this.time + this.setBy;
  }

  monotonic(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.time + ms, callback };
    this.timers.push(timer);
    return () => (this.timers = this.timers.filter(other => other !== timer));
  }

  /** Sets the wall clock forward, or back. */
  set(ms: number): void {
    this.setBy += ms;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.timers.length;
  }

  /** Lets time pass in which nothing is called, as while the event loop stands still. */
  standStill(ms: number): void {
    this.time += ms;
  }

  /** Lets time pass, calling what falls due in its order and letting promises settle in between. */
  async pass(ms: number): Promise<void> {
    const until = this.time + ms;
    for (;;) {
      await new Promise(resolve => setImmediate(resolve));
      const due = this.timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers = this.timers.filter(other => other !== due);
      this.time = Math.max(this.time, due.at);
      due.callback();
    }
    this.time = until;
  }
}
