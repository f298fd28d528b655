import type { CapturedRequest } from './captured-request.js';
import { toHeaders } from './captured-request.js';

export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member of a value that may be no object. */
export const member = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), value);

/**
 * Headers from an object, whose values may be lists, or from a list of `{ name, value }` or `{ key, value }`.
 *
 * @returns undefined where it is neither, or has no header
 */
export function headersOf(value: unknown): Readonly<Record<string, string>> | undefined {
  const entries = Array.isArray(value)
    ? (value as readonly unknown[]).map(each => [
        text(member(each, 'name') ?? member(each, 'key')),
        text(member(each, 'value')),
      ])
    : Object.entries(isObject(value) ? value : {}).map(([name, each]) => [name, text(each)]);
  const headers = toHeaders(entries as [string, string][]);
  return Object.keys(headers).length > 0 ? headers : undefined;
}

const text = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(text).join(', ')
    : ['string', 'number', 'boolean'].includes(typeof value)
      ? String(value)
      : '';

export const isSigned = (headers: Readonly<Record<string, string>> | undefined): boolean =>
  headers !== undefined && 'x-webhook-signature' in headers;

const PARSED =
  'Its body was captured parsed; it is written here as JSON.stringify() writes, which need not be what was sent.';

/**
 * A body as text, as a Buffer in its JSON form, or parsed.
 *
 * @returns undefined where there is none
 */
export function bodyOf(value: unknown): Pick<CapturedRequest, 'body' | 'note'> | undefined {
  if (typeof value === 'string') return { body: Buffer.from(value, 'utf8') };
  if (Buffer.isBuffer(value)) return { body: value };
  if (typeof value !== 'object' || value === null) return undefined;
  const bytes = member(value, 'data');
  if (member(value, 'type') === 'Buffer' && Array.isArray(bytes)) {
    return { body: Buffer.from(bytes as number[]) };
  }
  return { body: Buffer.from(JSON.stringify(value), 'utf8'), note: PARSED };
}

/** A time in any of the forms that captures have. */
export function timeOf(value: unknown): { receivedAt: Date } | undefined {
  const time = typeof value === 'number' || typeof value === 'string' ? new Date(value) : undefined;
  return time && !Number.isNaN(time.getTime()) ? { receivedAt: time } : undefined;
}

export function isJson(text: string): boolean {
  return parseJson(text) !== undefined;
}

/** @returns undefined where it is no JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
