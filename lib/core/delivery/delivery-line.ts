import { inspect } from 'node:util';

/**
 * A line of the log: text for a logger that prints text, fields for one that prints JSON or passes objects on.
 */
export class DeliveryLine {
  constructor(
    readonly message: string,
    fields: object,
  ) {
    Object.assign(this, fields);
  }

  toString(): string {
    return this.message;
  }

  [inspect.custom](): string {
    return this.message;
  }
}
