import type { WebhookHeaders } from './headers.js';

/** Headers by lower-case name; several of one name are joined with `, `. */
export type SenderHeaders = Readonly<Partial<Record<string, string>>>;

/** What would let a reader of the headers act in the sender's name, or send the delivery again. */
const WITHHELD: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-webhook-signature',
]);

/** A frozen copy without signature and credentials. Its prototype is null: names are the sender's choice. */
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

/** Those of Fetch's `Headers` are not its own properties, but it can be iterated. */
function entriesOf(headers: WebhookHeaders): Iterable<readonly [string, unknown]> {
  return Symbol.iterator in headers
    ? (headers as unknown as Iterable<[string, unknown]>)
    : Object.entries(headers as Readonly<Record<string, unknown>>);
}
