import type { Capture, CaptureReader } from '../capture-reader.js';
import { toHeaders, type CapturedRequest } from '../captured-request.js';
import { isSigned } from '../json-parts.js';
import { noBody } from './logged-request.js';

/** A text in quotation marks: a backtick escapes, two quotation marks are one. */
const QUOTED = /"([^"`]*(?:(?:`[^]|"")[^"`]*)*)"|'([^']*(?:''[^']*)*)'/y;
const SEPARATOR = /\s*=\s*/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0' };

/** Invoke-WebRequest or Invoke-RestMethod, as "Copy as PowerShell" of browsers writes it. */
export const powershell: CaptureReader = {
  name: 'a PowerShell command',
  read({ text }: Capture): readonly CapturedRequest[] {
    const command = text.search(/Invoke-(?:WebRequest|RestMethod)/i);
    if (command === -1) return [];
    const headers = toHeaders(readTable(text));
    if (!isSigned(headers)) return [];
    const option = /-Body[ \t]+(?:\(\[[\w.]+\]::UTF8\.GetBytes\()?(?=["'])/gi;
    option.lastIndex = command;
    const body = option.test(text) ? readQuoted(text, option.lastIndex) : undefined;
    if (body === undefined) throw noBody();
    return [{ headers, body: Buffer.from(body.value, 'utf8') }];
  },
};

/** The pairs of `@{ "name"="value" }`. */
function* readTable(text: string): Generator<[string, string]> {
  const table = text.indexOf('@{');
  for (let at = table + 2; table !== -1 && at < text.length;) {
    const unit = text[at] as string;
    if (unit === '}') return;
    const name = /["']/.test(unit) ? readQuoted(text, at) : undefined;
    SEPARATOR.lastIndex = name?.end ?? at;
    const value = name && SEPARATOR.test(text) ? readQuoted(text, SEPARATOR.lastIndex) : undefined;
    if (name && value) yield [name.value, value.value];
    at = value?.end ?? name?.end ?? at + 1;
  }
}

function readQuoted(text: string, at: number): { value: string; end: number } | undefined {
  QUOTED.lastIndex = at;
  const match = QUOTED.exec(text);
  if (!match) return undefined;
  const [, double, single = ''] = match;
  const value = double === undefined ? single.replaceAll("''", "'") : unescape(double);
  return { value, end: QUOTED.lastIndex };
}

/** Browsers write what is not ASCII as `$([char]0x20ac)` or `$([char]8364)`. */
const unescape = (text: string): string =>
  text.replace(
    /`([^])|""|\$\(\[char\](0x[\da-f]{1,4}|\d{1,5})\)/gi,
    (_all, unit: string | undefined, code: string | undefined) =>
      code === undefined
        ? unit === undefined
          ? '"'
          : (ESCAPES[unit] ?? unit)
        : String.fromCharCode(Number(code)),
  );
