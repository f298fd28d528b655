import { CliError } from '../../cli-error.js';
import type { Capture, CaptureReader } from '../capture-reader.js';
import type { CapturedRequest } from '../captured-request.js';
import { bodyOf, headersOf, isObject, isSigned, member, timeOf } from '../json-parts.js';

/** Where loggers put the request. */
const PLACES = [[], ['req'], ['request'], ['req', 'raw'], ['context', 'req']] as const;
/** Where they put the body: its bytes first, as what was parsed is not what was signed. */
const BODIES = ['rawBody', 'raw_body', 'bodyRaw', 'body', 'payload', 'data', 'content'] as const;

/** A request of Express or Fastify in JSON, as pino, pino-http, Winston and others log it. */
export const loggedRequest: CaptureReader = {
  name: 'a logged request',
  read({ json }: Capture): readonly CapturedRequest[] {
    const found = json
      .flat()
      .map(findRequest)
      .filter(each => each !== undefined);
    const complete = found.filter(({ body }) => body !== undefined);
    if (found.length > 0 && complete.length === 0) throw noBody();
    return complete as readonly CapturedRequest[];
  },
};

export const noBody = (): CliError =>
  new CliError(
    'The capture holds the headers of a delivery, but not its body.',
    'Most loggers leave it out. Give the parts: --headers with this file, and --body with the bytes received.',
  );

/** @returns undefined where the value holds no signed request; without a body where only headers are there */
export function findRequest(value: unknown): Partial<CapturedRequest> | undefined {
  for (const place of PLACES) {
    const at = member(value, ...place);
    const headers = headersOf(member(at, 'headers')) ?? rawHeadersOf(member(at, 'rawHeaders'));
    if (headers === undefined || !isSigned(headers)) continue;
    const body = BODIES.map(name => bodyOf(member(at, name)) ?? bodyOf(member(value, name))).find(
      each => each !== undefined,
    );
    return { headers, ...body, ...loggedAt(value) };
  }
  const headers = headersOf(value);
  return headers !== undefined && isSigned(headers) ? { headers } : undefined;
}

/** Names and values in turns: what console.log() prints of a request has its headers there alone. */
function rawHeadersOf(value: unknown): CapturedRequest['headers'] | undefined {
  if (!Array.isArray(value)) return undefined;
  const list = value as readonly unknown[];
  const names = list.filter((_each, index) => index % 2 === 0);
  return headersOf(names.map((name, index) => ({ name, value: list[index * 2 + 1] })));
}

/** pino-http writes its line once the response is sent. */
function loggedAt(value: unknown): { receivedAt: Date } | undefined {
  const [time, took] = [member(value, 'time'), member(value, 'responseTime')];
  if (!isObject(value) || typeof time !== 'number') return timeOf(time);
  return timeOf(time - (typeof took === 'number' ? took : 0));
}
