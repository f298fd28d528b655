import { RevragPayloadError } from '../errors/revrag-payload.error.js';
import { decodeUtf8 } from './decode-utf8.js';

const BYTE_ORDER_MARK = 0xfeff;
/** Matches at the end of the engine's message only, where no text of the payload can be. */
const POSITION = / in JSON at position (\d+)(?: \(line \d+ column \d+\))?$/;

/** @throws RevragPayloadError `malformed_json`, with a position and without text of the payload */
export function parseJson(body: Buffer): unknown {
  const text = decodeUtf8(body);
  try {
    return JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text) as unknown;
  } catch (error) {
    // The engine's message may quote the payload, so only the position is taken from it.
    const position = POSITION.exec((error as SyntaxError).message)?.[1];
    const where = position ? ` (near character ${position})` : '';
    const problem =
      body.length === 0 ? 'The body is empty.' : `The body is not valid JSON${where}.`;
    throw new RevragPayloadError('malformed_json', problem);
  }
}
