import type { Clock } from '../core/common/clock.js';
import { Timeouts } from '../core/common/timeouts.js';

/**
 * Bounds how long an operation is waited for, and how many wait at once while nothing answers: after one
 * that took too long all are refused at once, but for one at a time that tries.
 */
export class CircuitBreaker {
  private isOpen = false;
  private isTrying = false;
  private readonly timeouts: Timeouts;

  /** @param timeout Milliseconds. */
  constructor(clock: Clock, timeout: number) {
    this.timeouts = new Timeouts(clock, timeout);
  }

  /** @throws what the operation throws, or an error that says that it took too long */
  run<T>(operation: () => Promise<T>): Promise<T> {
    return this.isOpen ? this.tryAgain(operation) : this.inTime(operation);
  }

  private async tryAgain<T>(operation: () => Promise<T>): Promise<T> {
    if (this.isTrying) throw new Error('The queue has not answered lately');
    this.isTrying = true;
    try {
      return await this.inTime(operation);
    } finally {
      this.isTrying = false;
    }
  }

  private inTime<T>(operation: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const wait = this.timeouts.start(() => {
        this.isOpen = true;
        reject(new Error(`The queue did not answer within ${this.timeouts.ms} ms`));
      });
      const settle = <V>(how: (value: V) => void) => {
        return (value: V): void => {
          this.timeouts.cancel(wait);
          // An answer, be it late or an error, is a sign of life.
          this.isOpen = false;
          how(value);
        };
      };
      operation().then(settle(resolve), settle(reject));
    });
  }
}
