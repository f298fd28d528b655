import { Logger } from '@nestjs/common';
import { BoundedMap } from '../common/bounded-map.js';
import { printable } from '../common/printable.js';
import type { RevragEvent } from '../events/revrag-event.js';
import type { Observers } from '../handlers/observers.js';
import type { DeliveryIdentity } from '../idempotency/idempotency-store.js';

/** How many ids are remembered, and how many bodies. */
const MAX_REMEMBERED = 10_000;
/** Stands for the call of an id that was reported before. */
const REPORTED = '';

/** Reports deliveries that contradict others, each once as far as this process remembers. They change no answer. */
export class Conflicts {
  private readonly logger = new Logger('RevragWebhook');
  /** Calls by id. */
  private readonly calls = new BoundedMap<string>(MAX_REMEMBERED);
  private readonly bodies = new BoundedMap<true>(MAX_REMEMBERED);

  constructor(private readonly observers: Observers) {}

  /**
   * Reports an id that came with another call before. An id is not signed, so this may be a replay under another id
   * or a mistake of the sender.
   */
  reportReusedId({ id, call }: DeliveryIdentity, { delivery }: RevragEvent): void {
    const known = this.calls.get(id);
    if (known === call || known === REPORTED) return;
    if (known === undefined) return this.calls.set(id, call);
    this.calls.set(id, REPORTED);
    this.logger.warn(
      `Delivery id ${printable(delivery.id)} on ${delivery.endpoint} came with another call before. Ids are not ` +
        'signed, so the two are handled as different deliveries.',
    );
  }

  /**
   * Reports a duplicate whose bytes differ from those that were handled, which with `idempotency.by: 'call'` would go
   * unnoticed.
   *
   * @param key The digest of the body that was handled.
   */
  reportOtherContent(key: string, { call, body }: DeliveryIdentity, event: RevragEvent): void {
    const name = `${call} ${body}`;
    if (body === key || this.bodies.get(name)) return;
    this.bodies.set(name, true);
    const { id, endpoint } = event.delivery;
    this.logger.warn(
      `Delivery ${printable(id)} on ${endpoint} is a duplicate by its call, but its content differs from what ` +
        'was handled. RevragObserver.onOtherContent() gets it.',
    );
    this.observers.otherContent(event);
  }
}
