import { ServerError } from '../errors/server.error.js';
import { summarizeError } from '../errors/summarize-error.js';
import { systemClock, type Clock } from './clock.js';
import { Timeouts, type Wait } from './timeouts.js';

/** The most operations without an answer while one is overdue; beyond it, one at a time probes the server. */
const MAX_UNANSWERED = 16;

/**
 * Bounds how long an operation waits for a server, and how many pile up while it does not answer. Beyond that
 * number, operations are rejected at once, except one at a time that probes the server. When the server answers
 * that one, all go through again.
 */
export class BoundedWait {
  private inFlight = 0;
  private overdue = 0;
  private isTrying = false;
  /** Counts how often the server came back, so that overdue answers from before are not counted. */
  private era = 0;
  private readonly timeouts: Timeouts;

  /**
   * @param name Of the server, for messages.
   * @param timeout Milliseconds.
   */
  constructor(
    private readonly name: string,
    timeout: number,
    private readonly clock: Clock = systemClock,
  ) {
    this.timeouts = new Timeouts(clock, timeout);
  }

  /**
   * @param work Continues after the wait has ended; `isLate` tells whether it has.
   * @throws ServerError that names what is wrong with the server, and quotes nothing
   */
  async run<T>(work: (isLate: () => boolean) => Promise<T>): Promise<T> {
    const isOpen = this.overdue === 0 || this.overdue + this.inFlight < MAX_UNANSWERED;
    if (isOpen) return this.inTime(work, false);
    if (this.isTrying) throw new ServerError(`${this.name} has not answered for a while`);
    this.isTrying = true;
    try {
      return await this.inTime(work, true);
    } finally {
      this.isTrying = false;
    }
  }

  private recover(): void {
    this.overdue = 0;
    this.era += 1;
  }

  /** @param isProbe Whether an answer in time, even an error, shows that the server is back. */
  private inTime<T>(work: (isLate: () => boolean) => Promise<T>, isProbe: boolean): Promise<T> {
    const { era } = this;
    let late = false;
    this.inFlight += 1;
    return new Promise((resolve, reject) => {
      let wait = this.timeouts.set(() => {
        if (this.stoodStill(wait)) wait = this.timeouts.set(expire);
        else expire();
      });
      const expire = (): void => {
        late = true;
        this.inFlight -= 1;
        this.overdue += 1;
        reject(new ServerError(`${this.name} has not answered within ${this.timeouts.ms} ms`));
      };
      const settled = (): void => {
        this.timeouts.cancel(wait);
        if (late) {
          if (era === this.era) this.overdue -= 1;
          return;
        }
        this.inFlight -= 1;
        if (isProbe) this.recover();
      };
      // Also turns a synchronous throw into a rejection.
      const working = (async () => work(() => late))();
      working.then(
        value => {
          settled();
          resolve(value);
        },
        (error: unknown) => {
          settled();
          reject(new ServerError(`${this.name}: ${summarizeError(error)}`));
        },
      );
    });
  }

  /**
   * Whether this process was late, not the server: the answer may have arrived while the event loop was blocked,
   * and is still unread.
   */
  private stoodStill({ due }: Wait): boolean {
    return this.clock.monotonic() - due > this.timeouts.ms / 2;
  }
}
