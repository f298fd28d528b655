import { CliError } from '../cli-error.js';
import { toHeaders } from './captured-request.js';

/** A line of `curl -v` begins with `> `. */
const HEADER_LINE = /^(?:> )?([!#$%&'*+\-.^_`|~\w]+):[ \t]*(.*)$/;

/**
 * Headers from lines `Name: value`, from a JSON object, or from a JSON list of `{ name, value }`.
 *
 * @throws CliError where it is none of these
 */
export function readHeaders(text: string): Record<string, string> {
  const trimmed = text.trim();
  const headers = /^[[{]/.test(trimmed) ? fromJson(trimmed) : fromLines(trimmed);
  if (Object.keys(headers).length > 0) return headers;
  throw new CliError(
    'No headers were found.',
    'They are lines "Name: value", or JSON such as {"x-webhook-id": "evt_1"}.',
  );
}

export function fromLines(text: string): Record<string, string> {
  const matches = text.split(/\r?\n/).map(line => HEADER_LINE.exec(line));
  return toHeaders(
    matches.filter(match => match !== null).map(([, name = '', value = '']) => [name, value]),
  );
}

export function fromJsonValue(value: unknown): Record<string, string> {
  if (Array.isArray(value)) {
    const list = value as { name?: unknown; value?: unknown }[];
    return toHeaders(list.map(each => [String(each?.name), String(each?.value)]));
  }
  const entries = Object.entries(value as Record<string, unknown>);
  return toHeaders(entries.map(([name, each]) => [name, [each].flat().join(', ')]));
}

function fromJson(text: string): Record<string, string> {
  try {
    return fromJsonValue(JSON.parse(text));
  } catch {
    // The parser's own message quotes the file.
    throw new CliError('The headers look like JSON, but are not valid JSON.');
  }
}
