import type { ValidationError } from 'class-validator';
import { RevragPayloadError, type Violation } from '../errors/revrag-payload.error.js';

/** As many as a reader can use; the rest is counted. */
const MAX_VIOLATIONS = 50;

/** Collects what is wrong with a payload, up to a bound. */
export class Violations {
  private readonly list: Violation[] = [];
  private count = 0;

  add(path: string, message: string): void {
    this.count += 1;
    if (this.list.length < MAX_VIOLATIONS) this.list.push({ path, message });
  }

  /** Takes over class-validator's messages and nothing else: its errors carry the payload. */
  addAll(errors: readonly ValidationError[]): void {
    for (const { property, constraints } of errors) {
      for (const message of Object.values(constraints ?? {})) this.add(property, message);
    }
  }

  /** @throws RevragPayloadError `invalid_payload` if anything was added */
  throwIfAny(): void {
    if (this.count === 0) return;
    const left = this.count - this.list.length;
    const violations =
      left > 0 ? [...this.list, { path: '', message: `and ${left} more violations` }] : this.list;
    throw new RevragPayloadError(
      'invalid_payload',
      `The payload breaks the contract in ${this.count === 1 ? 'one place' : `${this.count} places`}.`,
      violations,
    );
  }
}
