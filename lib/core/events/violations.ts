import { RevragPayloadError, type Violation } from '../errors/revrag-payload.error.js';
import { findFieldHazard } from './hazards.js';

/** As many as a reader can use; the rest is counted. */
const MAX_VIOLATIONS = 50;

/** Collects what is wrong with a payload, up to a bound. Paths and messages, never a value. */
export class Violations {
  private readonly list: Violation[] = [];
  private count = 0;
  private isRefused = false;

  /** Something that is left out of the event, or null in it. */
  add(path: string, message: string): void {
    this.count += 1;
    if (this.list.length < MAX_VIOLATIONS) this.list.push({ path, message });
  }

  /** Something that no event can be made of. */
  refuse(path: string, message: string): void {
    this.isRefused = true;
    this.add(path, message);
  }

  /** As `add`, for a value that is dropped; hazardous ones are refused wherever they are. */
  drop(path: string, value: unknown, message: string): void {
    const hazard = findFieldHazard('', value);
    if (hazard) this.refuse(path, hazard);
    else this.add(path, message);
  }

  /**
   * What was found, bounded; undefined for nothing.
   *
   * @param strict Whether any violation refuses the payload.
   * @throws RevragPayloadError `invalid_payload`
   */
  settle(strict: boolean): readonly Violation[] | undefined {
    if (this.count === 0) return undefined;
    const left = this.count - this.list.length;
    if (left > 0) this.list.push({ path: '', message: `and ${left} more violations` });
    if (!strict && !this.isRefused) return Object.freeze(this.list);
    throw new RevragPayloadError(
      'invalid_payload',
      `The payload breaks the contract in ${this.count === 1 ? 'one place' : `${this.count} places`}.`,
      this.list,
    );
  }
}
