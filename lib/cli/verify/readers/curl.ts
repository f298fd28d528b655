import { CliError } from '../../cli-error.js';
import type { Capture, CaptureReader } from '../capture-reader.js';
import { toHeaders, type CapturedRequest } from '../captured-request.js';
import { isSigned } from '../json-parts.js';
import { shellWords } from '../shell-words.js';

/** Behind a prompt at most. */
const COMMAND = /(?:^|\n)[^\n]{0,80}?\bcurl(?:\.exe)?[ \t^\\]/;
/** Short options may stand together, and have their value attached. */
const OPTION =
  /^(?:-[vsSkiLgfN]{0,9}(?<short>[Hd])(?<attached>[^]*)|--(?<long>header|data|data-raw|data-ascii|data-binary|json)(?:=(?<value>[^]*))?)$/;

/** A command of curl, as "Copy as cURL" of browsers and Postman writes it. */
export const curl: CaptureReader = {
  name: 'a curl command',
  read({ text }: Capture): readonly CapturedRequest[] {
    const request = readCurl(text);
    if (!request || !isSigned(request.headers)) return [];
    if (request.body === undefined) {
      throw new CliError(
        'The curl command holds no body.',
        'It needs --data-raw or --data-binary with the body, or give the parts with --headers and --body.',
      );
    }
    return [{ ...request, body: request.body }];
  },
};

/** @returns undefined where there is no command of curl; no body where that has none */
export function readCurl(
  text: string,
): { readonly headers: CapturedRequest['headers']; readonly body?: Buffer } | undefined {
  const match = COMMAND.exec(text);
  if (!match) return undefined;
  const command = text.slice(match.index + match[0].length - 1);
  const words = shellWords(command, /\^"|\^\r?\n/.test(command) ? 'cmd' : 'bash');
  const headers: [string, string][] = [];
  const data: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const { short, attached, long, value } = OPTION.exec(words[at] as string)?.groups ?? {};
    if (short === undefined && long === undefined) continue;
    const argument = attached || value || (words[(at += 1)] ?? '');
    if (short === 'H' || long === 'header') {
      const colon = argument.indexOf(':');
      if (colon > 0) headers.push([argument.slice(0, colon), argument.slice(colon + 1)]);
    } else data.push(checkData(argument, long));
  }
  const body = data.length > 0 ? Buffer.from(data.join('&'), 'utf8') : undefined;
  return { headers: toHeaders(headers), ...(body && { body }) };
}

function checkData(argument: string, option: string | undefined): string {
  if (!argument.startsWith('@') || option === 'data-raw') return argument;
  throw new CliError(
    `The curl command takes its body from ${argument === '@-' ? 'standard input' : 'a file'}.`,
    'Save the command without it, and give the parts: --headers <that file> --body <the file>.',
  );
}
