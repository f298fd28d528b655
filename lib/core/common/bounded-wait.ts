import { systemClock } from './clock.js';
import { Timeouts } from './timeouts.js';

/** So many answers may be overdue before the next question is not asked at all. */
const MAX_OVERDUE = 32;

/**
 * Puts a bound on how long a server is waited for, whatever its client does meanwhile. While the server
 * does not answer, nothing piles up: once enough answers are overdue, further work is refused at once.
 */
export class BoundedWait {
  private overdue = 0;
  private readonly timeouts: Timeouts;

  /**
   * @param name Of the server, for messages.
   * @param timeout Milliseconds.
   */
  constructor(
    private readonly name: string,
    timeout: number,
  ) {
    this.timeouts = new Timeouts(systemClock, timeout);
  }

  /**
   * @param work Goes on after the wait is over; `isLate` tells it that nobody waits any more.
   * @throws an error whose message says what is wrong with the server, and nothing else
   */
  run<T>(work: (isLate: () => boolean) => Promise<T>): Promise<T> {
    if (this.overdue >= MAX_OVERDUE) {
      return Promise.reject(new Error(`${this.name} has not answered for a while`));
    }
    let late = false;
    return new Promise((resolve, reject) => {
      const wait = this.timeouts.start(() => {
        late = true;
        this.overdue += 1;
        reject(new Error(`${this.name} has not answered within ${this.timeouts.ms} ms`));
      });
      const settled = (): void => {
        this.timeouts.cancel(wait);
        if (late) this.overdue -= 1;
      };
      work(() => late).then(
        value => {
          settled();
          resolve(value);
        },
        (error: unknown) => {
          settled();
          // Without the client's own error: it may hold addresses with passwords, statements and values.
          reject(new Error(`${this.name}: ${reasonOf(error)}`));
        },
      );
    });
  }
}

/** Errors of several addresses, as of `localhost`, have no message but a code. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}
