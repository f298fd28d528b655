import type { Capture, CaptureReader } from '../capture-reader.js';
import type { CapturedRequest } from '../captured-request.js';
import { headersOf, isObject, isSigned, timeOf, type Json } from '../json-parts.js';

/** What webhook.site exports as JSON: a request, a list of them, or a page of its API. */
export const webhookSite: CaptureReader = {
  name: 'an export of webhook.site',
  read({ json }: Capture): readonly CapturedRequest[] {
    return json
      .flatMap(value => (isObject(value) && Array.isArray(value['data']) ? value['data'] : value))
      .flat()
      .filter(isRequest)
      .filter(({ headers }) => isSigned(headersOf(headers)))
      .map(({ headers, content, created_at: time }) => ({
        headers: headersOf(headers) ?? {},
        body: Buffer.from(content, 'utf8'),
        // Its times are in UTC, without saying so.
        ...timeOf(typeof time === 'string' ? `${time.replace(' ', 'T')}Z` : undefined),
      }));
  },
};

const isRequest = (value: unknown): value is Json & { content: string } =>
  isObject(value) && typeof value['content'] === 'string' && isObject(value['headers']);
