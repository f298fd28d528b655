import { Logger } from '@nestjs/common';
import { printable } from '../common/printable.js';
import type { RevragEvent } from '../events/revrag-event.js';
import type { Observers } from '../handlers/observers.js';
import { BoundedMap } from '../common/bounded-map.js';
import type { DeliveryIdentity } from '../idempotency/idempotency-store.js';

/** How many bodies are remembered. */
const MAX_REMEMBERED = 10_000;

/**
 * Reports events that were answered as duplicates although their bytes differ from those that were handled, which
 * with `idempotency.by: 'call'` would go unnoticed. Each content once, as far as this process remembers.
 */
export class OtherContent {
  private readonly logger = new Logger('RevragWebhook');
  private readonly reported = new BoundedMap<true>(MAX_REMEMBERED);

  constructor(private readonly observers: Observers) {}

  /** @param key The digest of the body that was handled. */
  reportIfOther(key: string, { call, body }: DeliveryIdentity, event: RevragEvent): void {
    const name = `${call} ${body}`;
    if (body === key || this.reported.get(name)) return;
    this.reported.set(name, true);
    const { id, endpoint } = event.delivery;
    this.logger.warn(
      `Delivery ${printable(id)} on ${endpoint} is a duplicate by its call, but its content differs from what ` +
        'was handled. RevragObserver.onOtherContent() gets it.',
    );
    this.observers.otherContent(event);
  }
}
