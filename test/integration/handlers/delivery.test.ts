import { inspect } from 'node:util';
import { Injectable } from '@nestjs/common';
import {
  OnCallEnded,
  RevragConfigurationError,
  RevragPayloadError,
  RevragWebhookService,
  type CallEndedDto,
  type Delivery,
  type RevragWebhookOptions,
} from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { startContext } from '../../support/context.js';
import { genuine } from '../../support/send.js';

/** A handler that notes what it is given. */
function createCalls() {
  const seen: { call: CallEndedDto; delivery: Delivery }[] = [];
  @Injectable()
  class Calls {
    @OnCallEnded()
    save(call: CallEndedDto, delivery: Delivery) {
      seen.push({ call, delivery });
    }
  }
  return { Calls, seen };
}

describe('a delivery', () => {
  it('has the headers that came with it, but neither in its fields nor in a log', async () => {
    const { Calls, seen } = createCalls();
    const { app, clock } = await startContext([Calls]);
    const { body, headers } = genuine({ id: 'evt_1', timestamp: new Date(clock.now()) });
    const sent = { ...headers, 'X-Agent': 'loans', Authorization: 'Bearer 4711' };
    await app.get(RevragWebhookService).receive(body, sent);
    const { delivery } = seen[0]!;
    const shown: Record<string, string> = { ...headers };
    delete shown['x-webhook-signature'];
    expect({ ...delivery.headers }).toEqual({ ...shown, 'x-agent': 'loans' });
    expect(delivery.params).toEqual({});
    expect(JSON.stringify(delivery) + inspect(delivery, { depth: 5 })).not.toMatch(/4711|loans/);
  });

  it('has its violations also under another id', async () => {
    const violations: unknown[] = [];
    @Injectable()
    class Calls {
      @OnCallEnded()
      save(_call: CallEndedDto, { id, violations: found }: Delivery) {
        violations.push([id, found]);
        if (violations.length === 1) throw new Error('not yet');
      }
    }
    const { receive, clock } = await startContext([Calls]);
    const sent = { timestamp: new Date(clock.now()), body: { ...callEnded(), duration: '72' } };
    expect(await receive({ ...sent, id: 'evt_1' })).toMatchObject({ status: 'failed' });
    expect(await receive({ ...sent, id: 'evt_2' })).toMatchObject({ status: 'processed' });
    const found = [{ path: 'duration', message: 'must be a number' }];
    expect(violations).toEqual([
      ['evt_1', found],
      ['evt_2', found],
    ]);
  });
});

describe('validation', () => {
  const odd = { ...callEnded(), duration: '72', end_time: '' };
  const start = async (options: Partial<RevragWebhookOptions> = {}) => {
    const { Calls, seen } = createCalls();
    return { seen, ...(await startContext([Calls], options)) };
  };

  it.each([undefined, 'lenient'] as const)('%s lets odd fields pass as null', async validation => {
    const { receive, seen, app, clock } = await start({ validation });
    expect(await receive({ body: odd })).toMatchObject({ status: 'processed' });
    expect(seen[0]!.call).toMatchObject({ duration: null, end_time: null });
    expect(seen[0]!.delivery.violations.map(({ path }) => path)).toEqual(['end_time', 'duration']);
    const { body, headers } = genuine({ body: odd, timestamp: new Date(clock.now()) });
    const event = await app.get(RevragWebhookService).constructEvent(body, headers);
    expect(event.delivery.violations).toHaveLength(2);
  });

  it('strict refuses them', async () => {
    const { receive, seen, app, clock } = await start({ validation: 'strict' });
    expect(await receive({ body: odd })).toMatchObject({
      status: 'refused',
      error: { code: 'invalid_payload' },
    });
    expect(seen).toEqual([]);
    const { body, headers } = genuine({ body: odd, timestamp: new Date(clock.now()) });
    await expect(app.get(RevragWebhookService).constructEvent(body, headers)).rejects.toThrow(
      RevragPayloadError,
    );
    expect(await receive()).toMatchObject({ status: 'processed' });
  });

  it('of another kind stops the boot', async () => {
    const starting = start({ validation: 'loose' as never });
    await expect(starting).rejects.toThrow(RevragConfigurationError);
    await expect(starting).rejects.toThrow(/validation must be 'lenient' or 'strict'/);
  });
});
