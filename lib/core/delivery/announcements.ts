import { Subject, type Observable } from 'rxjs';
import type { RevragEvent } from '../events/revrag-event.js';
import { BoundedMap } from '../common/bounded-map.js';

/** How many announced deliveries are remembered. */
const MAX_REMEMBERED = 10_000;

/** The stream of accepted events of one endpoint. Emits each delivery once, as far as this process remembers. */
export class Announcements {
  private readonly subject = new Subject<RevragEvent>();
  private readonly announced = new BoundedMap<true>(MAX_REMEMBERED);

  get events$(): Observable<RevragEvent> {
    return this.subject.asObservable();
  }

  /** @param key Names the delivery. The type counts too: it is not signed, so a changed one must hide no event. */
  announce(key: string, event: RevragEvent): void {
    // Without it, an app that does not subscribe would remember for nothing.
    if (!this.subject.observed) return;
    const name = `${key} ${event.type}`;
    if (this.announced.get(name)) return;
    this.announced.set(name, true);
    this.subject.next(event);
  }
}
