import { CliError } from '../cli-error.js';
import type { CapturedRequest } from './captured-request.js';
import { fromLines } from './read-headers.js';

/**
 * A request as it went over the wire: request line, headers, an empty line, body. Line ends may have
 * become bare line feeds in the head.
 *
 * @throws CliError where there is no empty line
 */
export function readRawHttp(bytes: Buffer): CapturedRequest {
  // latin1 keeps an index of the text an index of the bytes.
  const separator = /\r?\n\r?\n/.exec(bytes.toString('latin1'));
  if (!separator) {
    throw new CliError(
      'That is not a captured request: there is no empty line between headers and body.',
      'Give the request as raw HTTP text or as HAR, or its parts with --headers and --body.',
    );
  }
  const headers = fromLines(bytes.toString('latin1', 0, separator.index));
  const rest = bytes.subarray(separator.index + separator[0].length);
  const isChunked = /\bchunked\b/i.test(headers['transfer-encoding'] ?? '');
  const body = isChunked ? (readChunks(rest) ?? rest) : cutEnd(rest, headers['content-length']);
  return { headers, body };
}

/** An editor may have put a line end after the body: what is past the length is none of it. */
function cutEnd(body: Buffer, contentLength: string | undefined): Buffer {
  const length = Number(contentLength ?? NaN);
  const end = body.subarray(length).toString('latin1');
  return length < body.length && /^[\r\n]+$/.test(end) ? body.subarray(0, length) : body;
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
