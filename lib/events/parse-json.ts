import { decodeUtf8 } from './decode-utf8.js';
import { RevragPayloadError } from './errors/revrag-payload.error.js';

const BYTE_ORDER_MARK = 0xfeff;

/** @throws RevragPayloadError `malformed_json`, which tells where but not what */
export function parseJson(bytes: Buffer): unknown {
  const text = decodeUtf8(bytes);
  try {
    return JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text) as unknown;
  } catch (error) {
    // The engine's own message quotes the text around the mistake, so only the position is taken over.
    const position = /at position (\d+)/.exec((error as SyntaxError).message)?.[1];
    const where = position ? ` (near character ${position})` : '';
    const problem =
      bytes.length === 0 ? 'The body is empty.' : `The body is not valid JSON${where}.`;
    throw new RevragPayloadError('malformed_json', problem);
  }
}
