import { wholeOf, type BodyBytes } from '../common/raw-bytes.js';
import { decodeUtf8 } from './decode-utf8.js';
import { RevragPayloadError } from '../errors/revrag-payload.error.js';
import { parseJsonInParts } from './json-in-parts.js';
import { parseText } from './parse-text.js';

/** @throws RevragPayloadError `malformed_json`, which tells where but not what */
export const parseJson = (body: BodyBytes): unknown => parseJsonInParts(body) ?? parseWhole(body);

function parseWhole(body: BodyBytes): unknown {
  const text = decodeUtf8(wholeOf(body));
  try {
    return parseText(text);
  } catch (error) {
    // The engine's own message quotes the text around the mistake, so only the position is taken over.
    const position = /at position (\d+)/.exec((error as SyntaxError).message)?.[1];
    const where = position ? ` (near character ${position})` : '';
    const problem =
      body.length === 0 ? 'The body is empty.' : `The body is not valid JSON${where}.`;
    throw new RevragPayloadError('malformed_json', problem);
  }
}
