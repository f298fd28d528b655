import { Injectable } from '@nestjs/common';
import { CallEndedDto, OnCallEnded, OnRevragEvent } from 'nestjs-revrag-webhook';
import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { startQueueApp, type QueueBackend } from '../../support/queue-app.js';
import { genuine, PATH, post } from '../../support/send.js';

/** What a captured request, sent under another type or id, must not do to a queue. */
export function describeIdentity(backend: () => QueueBackend): void {
  async function start() {
    const runs: string[] = [];
    @Injectable()
    class Calls {
      @OnCallEnded()
      save({ call_id }: CallEndedDto) {
        runs.push(`save ${call_id}`);
      }

      @OnRevragEvent('*')
      audit({ call_id }: { call_id: string }) {
        runs.push(`audit ${call_id}`);
      }
    }
    const { url, queue } = await startQueueApp(backend(), { providers: [Calls] });
    const send = (delivery: ReturnType<typeof genuine>, headers: Record<string, string> = {}) =>
      post(url + PATH, { ...delivery, headers: { ...delivery.headers, ...headers } });
    const done = (count: number) =>
      eventually(async () => (await queue.getCompletedCount()) === count, `${count} jobs`);
    return { runs, send, done };
  }

  it('completes nothing for the handlers of the genuine type when the type is changed [pitfall 33]', async () => {
    const { runs, send, done } = await start();
    const captured = genuine({ id: 'A' });
    const changed = await send(captured, { 'x-webhook-event': 'call.ping' });
    expect(changed).toMatchObject({ status: 202 });
    await done(1);
    expect(runs).toEqual(['audit call of A']);
    expect(await send(genuine({ id: 'A' }))).toMatchObject({ status: 202 });
    await done(2);
    expect(await send(captured)).toMatchObject({ status: 200, body: { status: 'duplicate' } });
    expect(runs).toEqual(['audit call of A', 'save call of A']);
  });

  it('handles both where a captured request takes the id of another delivery', async () => {
    const { runs, send, done } = await start();
    const [captured, expected] = [genuine({ id: 'C' }), genuine({ id: 'B' })];
    expect(await send(captured, { 'x-webhook-id': 'B' })).toMatchObject({ status: 202 });
    await done(2);
    expect(await send(expected)).toMatchObject({ status: 202 });
    await done(4);
    for (const again of [captured, expected]) {
      expect(await send(again)).toMatchObject({ status: 200, body: { status: 'duplicate' } });
    }
    // And under the id of one that is done.
    const late = genuine({ id: 'D' });
    expect(await send(late, { 'x-webhook-id': 'B' })).toMatchObject({ status: 202 });
    await done(6);
    const calls = ['B', 'C', 'D'].map(id => `call of ${id}`);
    expect(runs.sort()).toEqual(
      ['audit', 'save'].flatMap(what => calls.map(id => `${what} ${id}`)),
    );
  });
}
