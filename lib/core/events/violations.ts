import { RevragPayloadError, type Violation } from '../errors/revrag-payload.error.js';
import { findHazard } from './hazards.js';

/** How many violations are listed; the rest is counted. */
const MAX_VIOLATIONS = 50;

/** Collects the violations of a payload, up to a bound. Paths and messages, never a value. */
export class Violations {
  private readonly list: Violation[] = [];
  private count = 0;
  private isRejected = false;

  /** Adds a violation whose value is null in the event or left out. */
  add(path: string, message: string): void {
    this.count += 1;
    if (this.list.length < MAX_VIOLATIONS) this.list.push({ path, message });
  }

  /** Adds a violation that rejects the payload. */
  reject(path: string, message: string): void {
    this.isRejected = true;
    this.add(path, message);
  }

  /** Adds a violation whose value is dropped. A hazardous value rejects the payload wherever it is. */
  drop(path: string, value: unknown, message: string): void {
    // A value of a field is one level down.
    const hazard = findHazard(value, 2);
    if (hazard) this.reject(path, hazard);
    else this.add(path, message);
  }

  /**
   * The violations; undefined if there are none.
   *
   * @param strict Whether any violation rejects the payload.
   * @throws RevragPayloadError `invalid_payload`
   */
  orThrow(strict: boolean): readonly Violation[] | undefined {
    if (this.count === 0) return undefined;
    const left = this.count - this.list.length;
    if (left > 0) this.list.push({ path: '', message: `and ${left} more violations` });
    if (!strict && !this.isRejected) return Object.freeze(this.list);
    throw new RevragPayloadError(
      'invalid_payload',
      `The payload breaks the contract in ${this.count === 1 ? 'one place' : `${this.count} places`}.`,
      this.list,
    );
  }
}
