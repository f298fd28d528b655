import type { Capture, CaptureReader } from '../capture-reader.js';
import type { CapturedRequest } from '../captured-request.js';
import { InspectParser, type Inspected } from '../inspect-parser.js';
import { bodyOf, isJson } from '../json-parts.js';
import { findRequest, noBody } from './logged-request.js';

const CUT =
  'Node left out a part where it printed it: print it whole, with util.inspect(value, { depth: null, maxArrayLength: null, maxStringLength: null }).';

/** What console.log() prints: a request, or its headers and its body one after the other. */
export const inspected: CaptureReader = {
  name: "what Node's console.log() prints",
  read({ text }: Capture): readonly CapturedRequest[] {
    if (!/x-webhook-signature['"]?[:,]/i.test(text)) return [];
    const parser = new InspectParser(text);
    const values = parser.values();
    const found = values.flatMap(({ value, end }, index): Partial<CapturedRequest>[] => {
      const request = findRequest(value);
      return request ? [{ ...nextBody(text.slice(end), values[index + 1]), ...request }] : [];
    });
    const complete = found.filter(({ body }) => body !== undefined) as CapturedRequest[];
    if (found.length > 0 && complete.length === 0) throw noBody();
    return parser.isCut ? complete.map(request => ({ ...request, note: CUT })) : complete;
  },
};

/** What was printed behind headers: text as it is, since what was parsed is not what was signed. */
function nextBody(rest: string, next: Inspected | undefined) {
  const text = rest.trim();
  return isJson(text) ? { body: Buffer.from(text, 'utf8') } : bodyOf(next?.value);
}
