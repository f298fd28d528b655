import { inspect } from 'node:util';
import type { DeliveryReport } from '../handlers/delivery-observer.js';

/**
 * A line of the log: text where a logger prints text, fields where it prints JSON or passes objects on.
 */
export class DeliveryLine {
  constructor(
    readonly message: string,
    report: DeliveryReport,
  ) {
    Object.assign(this, report);
  }

  toString(): string {
    return this.message;
  }

  [inspect.custom](): string {
    return this.message;
  }
}
