import type { Capture, CaptureReader } from '../capture-reader.js';
import { toHeaders, type CapturedRequest } from '../captured-request.js';
import { bodyOf, headersOf, isSigned, member } from '../json-parts.js';

const HEADERS = 'Request Headers';
const BODY = 'Request Body';
/** A line of the console as it is selected and copied. */
const LINE = /^\s*([\w-]+): ?"?(.*?)"?,?$/;

/** Postman's console: a copied log, or its sections as they are shown. */
export const postmanConsole: CaptureReader = {
  name: "a log of Postman's console",
  read({ text, json }: Capture): readonly CapturedRequest[] {
    if (!text.includes(HEADERS)) return [];
    const values = json.length > 0 ? json : parseAfterUrl(text);
    const requests = values.map(value => ({
      headers: headersOf(member(value, HEADERS)) ?? {},
      ...(bodyOf(member(value, BODY)) ?? { body: Buffer.alloc(0) }),
    }));
    const signed = requests.filter(({ headers }) => isSigned(headers));
    return signed.length > 0 ? signed : readSections(text);
  },
};

/** `POST https://…: { "Request Headers": …`. */
function parseAfterUrl(text: string): readonly unknown[] {
  try {
    return [JSON.parse(text.slice(text.indexOf('{')))];
  } catch {
    return [];
  }
}

function readSections(text: string): readonly CapturedRequest[] {
  const [, after = ''] = text.split(HEADERS, 2);
  const [head = '', tail = ''] = after.split(BODY, 2);
  const lines = head.split(/\r?\n/).map(line => LINE.exec(line));
  const headers = toHeaders(
    lines.filter(line => line !== null).map(([, name = '', value = '']) => [name, value]),
  );
  if (!isSigned(headers)) return [];
  const [body = ''] = tail.split(/\r?\n[^\r\n"{]*Response Headers/, 1);
  return [{ headers, body: Buffer.from(unquote(body.trim()), 'utf8') }];
}

function unquote(text: string): string {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'string' ? value : text;
  } catch {
    return text;
  }
}
