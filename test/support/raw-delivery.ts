import type { SignedDelivery } from 'nestjs-revrag-webhook/testing';
import { PATH, genuine } from './send.js';

// Deliveries as text, to be written by hand.

export const CHUNKED = { 'Transfer-Encoding': 'chunked' };

/** A delivery with its id in its body, so that no two are the same bytes. */
export const small = (id: string): SignedDelivery =>
  genuine({ id, body: JSON.stringify({ call_status: 'ENDED', call_id: id, agent_id: 'a' }) });

/** The head, with its headers replaced, left out (undefined) or added to. */
export function headOf(
  { headers, body }: SignedDelivery,
  more: Record<string, string | number | undefined> = {},
  start = `POST ${PATH} HTTP/1.1`,
): string {
  const framing = 'Transfer-Encoding' in more ? {} : { 'Content-Length': body.length };
  const all = { Host: 'localhost', ...headers, ...framing, ...more };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return `${[start, ...lines].join('\r\n')}\r\n\r\n`;
}

/** The head with lines of any kind at its end. */
export const withLines = (delivery: SignedDelivery, ...lines: string[]): string =>
  headOf(delivery).replace('\r\n\r\n', `\r\n${lines.join('\r\n')}\r\n\r\n`);

export const whole = (
  delivery: SignedDelivery,
  more: Record<string, string> = {},
  start?: string,
): string => headOf(delivery, more, start) + delivery.body.toString('latin1');

export const chunk = (text: string, extension = ''): string =>
  `${text.length.toString(16)}${extension}\r\n${text}\r\n`;
