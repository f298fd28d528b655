import { CliError } from '../../cli-error.js';
import type { Capture, CaptureReader } from '../capture-reader.js';
import type { CapturedRequest } from '../captured-request.js';
import { headersOf, isObject, isSigned, member, timeOf } from '../json-parts.js';

/** A HAR file, or single entries of one. */
export const har: CaptureReader = {
  name: 'a HAR',
  read({ json }: Capture): readonly CapturedRequest[] {
    const entries = json.flatMap(entriesOf);
    if (entries.length === 0) return [];
    const signed = entries.filter(entry =>
      isSigned(headersOf(member(entry, 'request', 'headers'))),
    );
    if (signed.length > 0) return signed.map(toRequest);
    throw new CliError(
      'The HAR holds no request with the header X-Webhook-Signature.',
      'Was it recorded at the endpoint? A HAR of your browser shows what you sent, not what RevRag did.',
    );
  },
};

function entriesOf(value: unknown): readonly unknown[] {
  const entries = member(value, 'log', 'entries');
  if (Array.isArray(entries)) {
    // An empty HAR is one as well.
    return entries.length > 0 ? entries : [{}];
  }
  return [value].flat().filter(each => isObject(member(each, 'request', 'postData')));
}

function toRequest(entry: unknown): CapturedRequest {
  const { text, encoding } = (member(entry, 'request', 'postData') ?? {}) as Record<
    string,
    unknown
  >;
  if (typeof text !== 'string') {
    throw new CliError(
      'The HAR entry holds no body (postData.text).',
      'Record it with content, or give the parts with --headers and --body.',
    );
  }
  return {
    headers: headersOf(member(entry, 'request', 'headers')) ?? {},
    body: Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8'),
    ...timeOf(member(entry, 'startedDateTime')),
  };
}
