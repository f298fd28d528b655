import { Logger } from '@nestjs/common';
import { printable } from '../common/printable.js';
import { BoundedMap } from '../common/bounded-map.js';
import type { DeliveryIdentity } from '../idempotency/idempotency-store.js';

/** How many ids are remembered. */
const MAX_REMEMBERED = 10_000;
/** Stands for a call: the clash is in the log already. */
const WARNED = '';

/**
 * Warns, once for each id, if one id comes with two calls, as far as this process remembers. Both are handled: an
 * id is not signed, so this may be a replay under another id or a mistake of the sender.
 */
export class IdClashes {
  private readonly logger = new Logger('RevragWebhook');
  /** Calls by id. */
  private readonly calls = new BoundedMap<string>(MAX_REMEMBERED);

  constructor(private readonly endpoint: string) {}

  warnIfClashing({ id, call }: DeliveryIdentity, deliveryId: string): void {
    const known = this.calls.get(id);
    if (known === call || known === WARNED) return;
    if (known === undefined) return this.calls.set(id, call);
    this.calls.set(id, WARNED);
    this.logger.warn(
      `Delivery id ${printable(deliveryId)} on ${this.endpoint} came with another call before. Ids are not ` +
        'signed, so the two are handled as different deliveries.',
    );
  }
}
