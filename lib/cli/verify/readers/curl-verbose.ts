import type { Capture, CaptureReader } from '../capture-reader.js';
import type { CapturedRequest } from '../captured-request.js';
import { isSigned } from '../json-parts.js';
import { fromLines } from '../read-headers.js';
import { readCurl } from './curl.js';
import { noBody } from './logged-request.js';

/** What `curl -v` prints: the head behind `> `. The body is in the command, where that was copied as well. */
export const curlVerbose: CaptureReader = {
  name: 'output of curl -v',
  read({ text }: Capture): readonly CapturedRequest[] {
    const lines = text.split(/\r?\n/);
    const sent = lines.filter(line => line.startsWith('> '));
    const headers = fromLines(sent.join('\n'));
    if (!isSigned(headers)) return [];
    const body = readCurl(text)?.body ?? bodyBehind(lines);
    if (body === undefined) throw noBody();
    return [{ headers, body }];
  },
};

/** Somebody may have put the body where it belongs: behind the head's last line, before the answer. */
function bodyBehind(lines: readonly string[]): Buffer | undefined {
  const head = lines.findLastIndex(line => /^>\s*$/.test(line));
  const rest = lines.slice(head + 1);
  const end = rest.findIndex(line => /^(?:[*<] |[{}] \[)/.test(line));
  const body = rest.slice(0, end === -1 ? rest.length : end).join('\n');
  return head !== -1 && body.trim() !== '' ? Buffer.from(body, 'utf8') : undefined;
}
