import { CliError } from '../cli-error.js';
import type { Capture, CaptureReader } from './capture-reader.js';
import type { CapturedRequest } from './captured-request.js';
import { decodeCapture } from './decode-capture.js';
import { parseJson } from './json-parts.js';
import { curlVerbose } from './readers/curl-verbose.js';
import { curl } from './readers/curl.js';
import { har } from './readers/har.js';
import { inspected } from './readers/inspected.js';
import { lambdaEvent } from './readers/lambda-event.js';
import { loggedRequest } from './readers/logged-request.js';
import { postmanConsole } from './readers/postman-console.js';
import { powershell } from './readers/powershell.js';
import { rawHttp } from './readers/raw-http.js';
import { webhookSite } from './readers/webhook-site.js';

/** The stricter ones first: many forms hold headers and a body somehow. */
const READERS: readonly CaptureReader[] = [
  har,
  lambdaEvent,
  webhookSite,
  postmanConsole,
  loggedRequest,
  curlVerbose,
  curl,
  powershell,
  rawHttp,
  inspected,
];

export interface ReadCapture {
  readonly request: CapturedRequest;
  /** What the input was taken for. */
  readonly name: string;
}

/**
 * A request out of whatever it was captured with.
 *
 * @param number which of the requests that have a signature, counted from 1
 * @throws CliError that says what is missing
 */
export function readCapture(input: Buffer, number: number | undefined): ReadCapture {
  const { bytes, encoding } = decodeCapture(input);
  const text = bytes.toString('utf8');
  const capture = { bytes, text, json: findJson(text) };
  for (const reader of READERS) {
    const requests = reader.read(capture);
    if (requests.length === 0) continue;
    return { request: choose(requests, number), name: reader.name + (encoding ?? '') };
  }
  throw unknownForm(capture);
}

function choose(requests: readonly CapturedRequest[], number: number | undefined): CapturedRequest {
  const count = requests.length;
  if (number === undefined && count > 1) {
    throw new CliError(
      `The capture holds ${count} signed requests.`,
      `Choose one with --entry 1 to --entry ${count}.`,
    );
  }
  const request = requests[(number ?? 1) - 1];
  if (request) return request;
  throw new CliError(
    `There is no entry ${number}: the capture holds ${count} signed request${count === 1 ? '' : 's'}.`,
  );
}

/** The whole text, or each line that has the headers: a logger may put words before its JSON. */
function findJson(text: string): readonly unknown[] {
  const whole = parseJson(text);
  if (whole !== undefined) return [whole];
  const lines = text.split('\n').filter(line => /x-webhook-signature/i.test(line));
  const parsed = lines.map(line => parseJson(line.slice(Math.max(line.indexOf('{'), 0))));
  const found = parsed.filter(value => value !== undefined);
  if (found.length > 0) return found;
  const [start, end] = [text.indexOf('{'), text.lastIndexOf('}')];
  const inner = start === -1 ? undefined : parseJson(text.slice(start, end + 1));
  return typeof inner === 'object' ? [inner] : [];
}

function unknownForm({ text, json }: Capture): CliError {
  const parts = 'Give its parts with --headers and --body.';
  if (text.trim() === '') return new CliError('The capture is empty.', parts);
  if (json.length > 0) {
    return new CliError(
      'That is JSON, but neither a HAR nor any other captured request: it has no headers with X-Webhook-Signature.',
      `A body alone can't be verified. ${parts}`,
    );
  }
  if (/^\s*[{[]\s*["{[\]}]/.test(text.slice(0, 200))) {
    return new CliError(
      'That looks like JSON, but is not valid JSON: was it cut off?',
      `A body alone can't be verified. ${parts}`,
    );
  }
  return new CliError(
    'That is not a captured request: no header X-Webhook-Signature was found in it.',
    `See "revrag-webhook verify --help" for the forms that are read. ${parts}`,
  );
}
