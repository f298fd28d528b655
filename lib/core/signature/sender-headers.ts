import { WEBHOOK_HEADERS, type WebhookHeaders } from './headers.js';

/** Headers by lower-case name; several with one name are joined with `, `. */
export type SenderHeaders = Readonly<Partial<Record<string, string>>>;

/** Headers with which a reader could impersonate the sender or replay the delivery. */
const WITHHELD: ReadonlySet<string> = new Set<string>([
  'authorization',
  'cookie',
  'proxy-authorization',
  WEBHOOK_HEADERS.signature,
]);

/** A frozen copy without signature and credentials. Its prototype is null, as the sender chooses the names. */
export function senderHeaders(headers: WebhookHeaders): SenderHeaders {
  const copy = Object.create(null) as Record<string, string>;
  for (const [name, value] of entriesOf(headers)) {
    const key = name.toLowerCase();
    if (WITHHELD.has(key)) continue;
    if (typeof value === 'string') copy[key] = value;
    else if (Array.isArray(value)) copy[key] = value.join(', ');
  }
  return Object.freeze(copy);
}

/** Fetch's `Headers` can be iterated, but has no own properties. */
function entriesOf(headers: WebhookHeaders): Iterable<readonly [string, unknown]> {
  return Symbol.iterator in headers
    ? (headers as unknown as Iterable<[string, unknown]>)
    : Object.entries(headers as Readonly<Record<string, unknown>>);
}
