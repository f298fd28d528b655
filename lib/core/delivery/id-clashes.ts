import { Logger } from '@nestjs/common';
import { printable } from '../common/printable.js';
import { Generations } from '../idempotency/generations.js';
import type { DeliveryIdentity } from '../idempotency/idempotency-store.js';

/** How many ids are looked back on. */
const MAX_REMEMBERED = 10_000;
/** In the place of a call: the clash is in the log already. */
const TOLD = '';

/**
 * Tells in the log, once for each id, when one comes with two calls, as far as this process remembers. Both are handled: an id
 * is not signed, so it may be a replay under a foreign id as well as a mistake of the sender.
 */
export class IdClashes {
  private readonly logger = new Logger('RevragWebhook');
  /** Calls by id. */
  private readonly calls = new Generations<string>(MAX_REMEMBERED, () => false);

  constructor(private readonly endpoint: string) {}

  look({ id, call }: DeliveryIdentity, deliveryId: string): void {
    const known = this.calls.get(id);
    if (known === call || known === TOLD) return;
    if (known === undefined) return this.calls.set(id, call);
    this.calls.set(id, TOLD);
    this.logger.warn(
      `Delivery id ${printable(deliveryId)} on ${this.endpoint} came with another call before. Ids are not ` +
        'signed, so the two are handled as different deliveries.',
    );
  }
}
