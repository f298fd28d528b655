import { CliError } from '../cli-error.js';
import { toHeaders } from './captured-request.js';
import { InspectParser } from './inspect-parser.js';
import { headersOf, parseJson } from './json-parts.js';
import { findRequest } from './readers/logged-request.js';

/** A line of `curl -v` begins with `> `. */
const HEADER_LINE = /^(?:> )?([!#$%&'*+\-.^_`|~\w]+):[ \t]*(.*)$/;

/**
 * Headers from lines `Name: value`, from a JSON object, or from a JSON list of `{ name, value }`.
 *
 * @throws CliError where it is none of these
 */
export function readHeaders(text: string): Readonly<Record<string, string>> {
  const trimmed = text.trim();
  const headers = /^[[{]/.test(trimmed) ? fromJson(trimmed) : fromLines(trimmed);
  if (headers !== undefined && Object.keys(headers).length > 0) return headers;
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

/** A JSON object or list of headers, or what console.log() prints of one. */
function fromJson(text: string): Readonly<Record<string, string>> | undefined {
  const value = parseJson(text) ?? new InspectParser(text).values()[0]?.value;
  return findRequest(value)?.headers ?? headersOf(value);
}
