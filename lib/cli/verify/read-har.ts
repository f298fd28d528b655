import { CliError } from '../cli-error.js';
import type { CapturedRequest } from './captured-request.js';
import { fromJsonValue } from './read-headers.js';

interface HarEntry {
  readonly startedDateTime?: unknown;
  readonly request?: {
    readonly headers?: unknown;
    readonly postData?: { readonly text?: unknown; readonly encoding?: unknown };
  };
}

/**
 * A request out of a HAR file, or a single entry of one.
 *
 * @param number which of the entries that have a signature, counted from 1
 * @throws CliError where there is no such request
 */
export function readHar(json: string, number: number | undefined): CapturedRequest {
  const entries = signedEntries(parse(json));
  if (entries.length === 0) {
    throw new CliError(
      'The HAR holds no request with the header X-Webhook-Signature.',
      'Was it recorded at the endpoint? A HAR of your browser shows what you sent, not what RevRag did.',
    );
  }
  if (number === undefined && entries.length > 1) {
    throw new CliError(
      `The HAR holds ${entries.length} signed requests.`,
      `Choose one with --entry 1 to --entry ${entries.length}.`,
    );
  }
  const entry = entries[(number ?? 1) - 1];
  if (entry) return toRequest(entry);
  throw new CliError(
    `There is no entry ${number}: the HAR holds ${entries.length} signed requests.`,
  );
}

function toRequest({ request, startedDateTime }: HarEntry): CapturedRequest {
  const { text, encoding } = request?.postData ?? {};
  if (typeof text !== 'string') {
    throw new CliError(
      'The HAR entry holds no body (postData.text).',
      'Record it with content, or give the parts with --headers and --body.',
    );
  }
  const receivedAt = new Date(typeof startedDateTime === 'string' ? startedDateTime : NaN);
  return {
    headers: fromJsonValue(request?.headers),
    body: Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8'),
    ...(!Number.isNaN(receivedAt.getTime()) && { receivedAt }),
  };
}

function signedEntries(value: unknown): HarEntry[] {
  const { log, request } = value as { log?: { entries?: unknown }; request?: unknown };
  const list = Array.isArray(log?.entries) ? log.entries : request ? [value] : [value].flat();
  return (list as HarEntry[]).filter(entry => {
    const headers = entry?.request?.headers;
    if (typeof headers !== 'object' || headers === null) return false;
    return 'x-webhook-signature' in fromJsonValue(headers);
  });
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json.replace(/^\ufeff/, ''));
  } catch {
    throw new CliError(
      'That looks like JSON, but is not a valid HAR.',
      'A body alone can not be verified: give its headers as well, with --headers and --body.',
    );
  }
}
