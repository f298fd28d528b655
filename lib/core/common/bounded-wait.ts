import { ServerError } from '../errors/server.error.js';
import { summarizeError } from '../errors/summarize-error.js';
import { systemClock, type Clock } from './clock.js';
import { Timeouts, type Wait } from './timeouts.js';

/** While an answer is overdue, so many operations may be unanswered; then one at a time is tried. */
const MAX_UNANSWERED = 16;

/**
 * Bounds how long an operation of a server is waited for, and how many pile up while it does not answer:
 * beyond that number all are rejected at once, except one at a time that tries. When that one is
 * answered, all go through again.
 */
export class BoundedWait {
  private inFlight = 0;
  private overdue = 0;
  private isTrying = false;
  /** Counts how often the server came back, so that answers from before that are not counted. */
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
   * @param work Goes on after the wait is over; `isLate` says whether that is so.
   * @throws ServerError that says what is wrong with the server, and quotes nothing
   */
  async run<T>(work: (isLate: () => boolean) => Promise<T>): Promise<T> {
    const isOpen = this.overdue === 0 || this.overdue + this.inFlight < MAX_UNANSWERED;
    if (isOpen) return this.inTime(work);
    if (this.isTrying) throw new ServerError(`${this.name} has not answered for a while`);
    this.isTrying = true;
    try {
      return await this.inTime(work, () => this.recover());
    } finally {
      this.isTrying = false;
    }
  }

  private recover(): void {
    this.overdue = 0;
    this.era += 1;
  }

  /** @param answered Called when the server answers in time, be it with an error. */
  private inTime<T>(
    work: (isLate: () => boolean) => Promise<T>,
    answered?: () => void,
  ): Promise<T> {
    const { era } = this;
    let late = false;
    this.inFlight += 1;
    return new Promise((resolve, reject) => {
      let wait = this.timeouts.start(() => {
        if (this.stoodStill(wait)) wait = this.timeouts.start(expire);
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
        answered?.();
      };
      // Work that throws before it is asynchronous rejects, too.
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
   * Whether this process, not the server, was late: the answer may have arrived while the event loop
   * stood still, and is not read yet.
   */
  private stoodStill({ due }: Wait): boolean {
    return this.clock.monotonic() - due > this.timeouts.ms / 2;
  }
}
