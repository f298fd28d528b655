import { CliError } from '../../cli-error.js';
import type { Capture, CaptureReader } from '../capture-reader.js';
import type { CapturedRequest } from '../captured-request.js';
import { isSigned } from '../json-parts.js';
import { fromLines } from '../read-headers.js';

const REQUEST_LINE = /^\s{0,9}[A-Z]{3,10} \S{1,2000} HTTP\/\d/;

/**
 * A request as it went over the wire: request line, headers, an empty line, body. Line ends may have
 * become bare line feeds in the head.
 */
export const rawHttp: CaptureReader = {
  name: 'raw HTTP',
  read({ bytes }: Capture): readonly CapturedRequest[] {
    // latin1 keeps an index of the text an index of the bytes.
    const text = bytes.toString('latin1');
    const separator = /\r?\n\r?\n/.exec(text);
    const headers = fromLines(text.slice(0, separator?.index ?? text.length));
    if (!isSigned(headers) && !REQUEST_LINE.test(text)) return [];
    if (!separator) {
      throw new CliError(
        'That is not a whole request: there is no empty line between headers and body.',
        'Give the request as raw HTTP text, or its parts with --headers and --body.',
      );
    }
    const rest = bytes.subarray(separator.index + separator[0].length);
    const isChunked = /\bchunked\b/i.test(headers['transfer-encoding'] ?? '');
    const body = isChunked ? (readChunks(rest) ?? rest) : cutEnd(rest, headers['content-length']);
    return [{ headers, body }];
  },
};

/** An editor may have put a line end after the body, and Postman the answer: neither is part of it. */
function cutEnd(body: Buffer, contentLength: string | undefined): Buffer {
  const length = Number(contentLength ?? NaN);
  if (!(length < body.length)) return body;
  const end = body.toString('latin1', length, length + 200).trimStart();
  return end === '' || end.startsWith('HTTP/') ? body.subarray(0, length) : body;
}

/** @returns undefined where the body is not, or no longer, in chunks */
function readChunks(bytes: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const end = bytes.indexOf('\r\n', at);
    const [, hex] =
      /^([0-9a-f]{1,8})(?:;.*)?$/i.exec(bytes.toString('latin1', at, Math.max(at, end))) ?? [];
    if (hex === undefined) return undefined;
    const length = parseInt(hex, 16);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}
