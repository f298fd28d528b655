import { Injectable } from '@nestjs/common';
import {
  OnCallEnded,
  RevragWebhookService,
  type Outcome,
  type ReceivedOptions,
  type SecretRequest,
} from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import { SECRET } from '../../support/app.js';
import { startContext } from '../../support/context.js';
import { genuine } from '../../support/send.js';

@Injectable()
class Calls {
  @OnCallEnded()
  save() {
    return;
  }
}

const start = async (options: Parameters<typeof startContext>[1]) => {
  const { app, clock } = await startContext([Calls], options);
  const service = app.get(RevragWebhookService);
  const receive = async (
    secret: string,
    received: ReceivedOptions,
    more = {},
  ): Promise<unknown> => {
    const { body, headers } = genuine({ secret, timestamp: new Date(clock.now()) });
    const outcome: Outcome = await service.receive(body, { ...headers, ...more }, received);
    return outcome.status === 'refused' ? outcome.error.code : outcome.status;
  };
  return { receive, service, clock };
};

describe('receive()', () => {
  it('takes no head that a caller passes on', async () => {
    const { service, clock } = await start({});
    const { body, headers } = genuine({ timestamp: new Date(clock.now()) });
    const head = {
      ...{ id: 'evt_1', type: 'call.ended', digests: [headers['x-webhook-signature'].slice(-64)] },
      ...{ timestamp: headers['x-webhook-timestamp'], sentAt: clock.now() },
      secretRequest: { endpoint: 'default', params: {}, headers: {} },
    };
    const outcome = await service.receive(body, {}, { head } as ReceivedOptions);
    expect(outcome).toMatchObject({ status: 'refused', error: { code: 'missing_header' } });
  });
});

describe('a secret function', () => {
  it('is asked with the parameters of the path, and may know of no such endpoint', async () => {
    const secrets: Record<string, string> = { loans: 'whsec_loans', cards: 'whsec_cards' };
    const { receive } = await start({ secret: ({ params }) => secrets[params.agent ?? ''] });
    expect(await receive('whsec_loans', { params: { agent: 'loans' } })).toBe('processed');
    expect(await receive('whsec_loans', { params: { agent: 'cards' } })).toBe('signature_mismatch');
    expect(await receive('whsec_loans', { params: { agent: 'other' } })).toBe('unknown_endpoint');
  });

  it('sees the headers that it declares, and no others', async () => {
    const seen: SecretRequest[] = [];
    const { receive } = await start({
      secret: request => {
        seen.push(request);
        return request.headers['x-tenant'] === 'a' ? SECRET : undefined;
      },
      secretHeaders: ['X-Tenant'],
    });
    const tenant = { 'x-tenant': 'a', 'x-other': 'b' };
    expect(await receive(SECRET, {}, tenant)).toBe('processed');
    expect(seen).toEqual([{ endpoint: 'default', params: {}, headers: { 'x-tenant': 'a' } }]);
    expect(await receive(SECRET, {}, { 'x-tenant': 'b' })).toBe('unknown_endpoint');
  });

  it('that fails has its last answer serve for secretMaxStale', async () => {
    let fails = false;
    const secret = () => (fails ? Promise.reject(new Error('vault down')) : SECRET);
    const { receive, clock } = await start({ secret, secretMaxStale: 120 });
    expect(await receive(SECRET, {})).toBe('processed');
    fails = true;
    await clock.pass(179_000);
    // Verified: the same body is the same delivery.
    expect(await receive(SECRET, {})).toBe('duplicate');
    await clock.pass(1_000);
    expect(await receive(SECRET, {})).toBe('secret_unavailable');
  });

  it.each([
    ['secretMaxStale', { secretMaxStale: -1 }],
    ['secretHeaders', { secretHeaders: 'x-tenant' as unknown as string[] }],
    ['secretHeaders', { secretHeaders: ['x tenant'] }],
  ])('has its option %s checked at boot', async (name, options) => {
    await expect(start(options)).rejects.toThrow(name);
  });
});
