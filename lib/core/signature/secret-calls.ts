import { BoundedWait } from '../common/bounded-wait.js';
import type { Clock } from '../common/clock.js';
import { Turns } from '../common/turns.js';
import type { SecretAnswer, SecretFunction, SecretRequest } from './secrets.js';

/** How long the function may take to answer, in milliseconds. */
const ANSWER_MS = 5_000;
/** The most calls at once. */
const MAX_RUNNING = 32;
const MAX_WAITING = 1_000;

/** Calls of a secret function: so many at once, while others wait for their turn. */
export class SecretCalls {
  private readonly turns = new Turns(MAX_RUNNING);
  private readonly wait: BoundedWait;

  constructor(clock: Clock) {
    this.wait = new BoundedWait('The secret function', ANSWER_MS, clock);
  }

  /** Whether so many wait that one more would add to the memory rather than be answered in time. */
  get isFull(): boolean {
    return this.turns.waiting >= MAX_WAITING;
  }

  /** @throws ServerError, which quotes nothing */
  call(secret: SecretFunction, request: SecretRequest): Promise<SecretAnswer> {
    return this.turns.run(() => this.wait.run(async () => secret(request)));
  }
}
