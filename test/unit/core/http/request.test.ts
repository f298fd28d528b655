import { RevragBodyError } from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import {
  copyOf,
  stateOf,
  takeBody,
  type WebhookRequest,
} from '../../../../lib/core/http/request.js';

const bytes = Buffer.from('{"call_id":"c1"}');
const others = Buffer.from('others');
const request = (fields: object): WebhookRequest => ({ headers: {}, ...fields });
const throwing = (key: string) =>
  Object.defineProperty({ headers: {} }, key, {
    get: () => {
      throw new Error('Invalid JSON');
    },
  }) as WebhookRequest;

describe('the state of a request', () => {
  it('is one for the request of Node and for what wraps it, and another for each request', () => {
    const node = request({});
    const state = stateOf(node);
    expect(stateOf(node)).toBe(state);
    expect(stateOf({ raw: node })).toBe(state);
    expect(stateOf({ raw: node, other: true })).toBe(state);
    expect(stateOf(request({}))).not.toBe(state);
  });

  it('is seen through a copy of the request that middleware makes', () => {
    const node = request({});
    const state = stateOf(node);
    expect(stateOf(Object.create(node) as object)).toBe(state);
  });

  it('stays with a request on which the app sets a property `raw`', () => {
    const node = request({});
    const state = stateOf(node);
    expect(stateOf(Object.assign(node, { raw: { other: true } }))).toBe(state);
  });

  it('is not listed with the request', () => {
    const node = request({});
    stateOf(node);
    expect(JSON.stringify(node)).toBe('{"headers":{}}');
  });
});

describe('the bytes of a request', () => {
  it.each<[string, WebhookRequest]>([
    ['rawBody', request({ rawBody: bytes })],
    ['body, where it was not parsed', request({ body: bytes })],
    ['rawBody rather than body', request({ rawBody: bytes, body: others })],
    ['the rawBody of the request within', request({ raw: { rawBody: bytes } })],
    ['the body of the request within', request({ body: { call_id: 1 }, raw: { body: bytes } })],
    ['the outer request first', request({ body: bytes, raw: { rawBody: others } })],
    ['body, where rawBody is text', request({ rawBody: 'text', body: bytes })],
    ['rawBody, where body can not be read', Object.assign(throwing('body'), { rawBody: bytes })],
    ['body, where rawBody can not be read', Object.assign(throwing('rawBody'), { body: bytes })],
  ])('are %s', (_name, given) => {
    expect(copyOf(given)).toBe(bytes);
    expect(takeBody(given)).toBe(bytes);
  });

  it('may be a part of a larger memory', () => {
    const memory = new Uint8Array(Buffer.concat([others, bytes, others]));
    const rawBody = memory.subarray(others.length, others.length + bytes.length);
    const found = copyOf(request({ rawBody }));
    expect(Buffer.isBuffer(found)).toBe(true);
    expect(found?.equals(bytes)).toBe(true);
  });

  it('are those that were kept when it came, before any copy', () => {
    const given = request({ rawBody: others });
    stateOf(given).rawBody = bytes;
    expect(takeBody(given)).toBe(bytes);
  });

  it.each<[string, WebhookRequest]>([
    ['nothing', request({})],
    ['parsed JSON', request({ body: { call_id: 'c1' }, rawBody: 'text' })],
    ['an error', throwing('body')],
  ])('can not be made of %s, and the error names the cures [pitfall 8]', (_name, given) => {
    expect(copyOf(given)).toBeUndefined();
    const take = () => takeBody(given);
    expect(take).toThrow(RevragBodyError);
    expect(take).toThrow(expect.objectContaining({ code: 'raw_body_missing' }) as Error);
    expect(take).toThrow(/@RevragEndpoint\(\).*rawBody: true.*NODEJS_HELPERS=0.*bodyParser: false/);
  });
});
