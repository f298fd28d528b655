import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { startFreezingProxy, type FreezingProxy } from '../../support/freezing-proxy.js';
import { ofCall, startCalls, type QueueBackend } from '../../support/queue-app.js';
import { deliver } from '../../support/send.js';
import type { ServerProcess } from '../../support/servers/server-process.js';

export interface AwayServer {
  readonly port: number;
  readonly server: ServerProcess;
}

export const BACK_WITHIN_MS = 60_000;

/** An app whose connections go through the proxy works again once they have died in silence. */
export async function expectToOutliveSilence(
  backend: QueueBackend,
  proxy: FreezingProxy,
): Promise<void> {
  const { url, calls, queue } = await startCalls(backend);
  await deliver(url, ofCall('evt_1'));
  await eventually(async () => (await queue.getCompletedCount()) === 2);
  proxy.freeze();
  proxy.thawNew();
  const since = Date.now();
  const isBack = async () => (await deliver(url, ofCall('evt_2'))).status < 300;
  await eventually(isBack, 'A 202', BACK_WITHIN_MS);
  const hasRun = () => calls.runs.some(({ call }) => call.call_id === 'evt_2');
  await eventually(hasRun, 'The effect', BACK_WITHIN_MS);
  expect(Date.now() - since).toBeLessThan(BACK_WITHIN_MS);
}

/** What holds while the queue can't be reached, and after. `start` makes a server that keeps its data. */
export function describeAway(
  start: () => Promise<AwayServer>,
  backendAt: (port: number) => QueueBackend,
): void {
  const setUp = async () => {
    const { port, server } = await start();
    onTestFinished(() => server.dispose());
    return { port, server, backend: backendAt(port) };
  };
  const unavailable = { status: 503, body: { code: 'store_unavailable' } };

  it('acknowledges nothing while the queue is gone, and goes on when it is back', async () => {
    const { backend, server } = await setUp();
    const { url, calls } = await startCalls({ ...backend, persistTimeout: 1_000 });
    await eventually(async () => (await deliver(url, ofCall('evt_1'))).status < 300, 'A 202');
    await eventually(() => calls.runs.length === 2);
    await server.stop();
    const refused = await Promise.all(
      Array.from({ length: 20 }, (_, index) => deliver(url, ofCall(`evt_gone_${index}`))),
    );
    for (const reply of refused) {
      expect(reply).toMatchObject(unavailable);
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(await deliver(url, { body: 'no json' })).toMatchObject(unavailable);
    await server.start();
    await eventually(async () => (await deliver(url, ofCall('evt_2'))).status < 300, 'A 202');
    await eventually(() => calls.runs.some(({ call }) => call.call_id === 'evt_2'), 'The effect');
  });

  it('starts without its queue, and goes on when it is there', async () => {
    const { backend, server } = await setUp();
    await server.stop();
    const { url, calls, queue } = await startCalls({ ...backend, persistTimeout: 1_000 });
    expect(await deliver(url, ofCall('evt_1'))).toMatchObject(unavailable);
    await server.start();
    await eventually(async () => (await deliver(url, ofCall('evt_1'))).status < 300, 'A 202');
    await eventually(() => calls.runs.length === 2, 'The effects');
    await eventually(async () => (await queue.getCompletedCount()) === 2, 'Their record');
  });

  it('waits no longer than it should for a queue that does not answer, and lets little pile up', async () => {
    const { port } = await setUp();
    const proxy = await startFreezingProxy(port);
    onTestFinished(proxy.close);
    const backend = backendAt(proxy.port);
    const { url, calls, queue } = await startCalls({ ...backend, persistTimeout: 500 });
    await eventually(async () => (await deliver(url, ofCall('evt_1'))).status < 300, 'A 202');
    await eventually(async () => (await queue.getCompletedCount()) === 2);
    proxy.freeze();
    expect(await deliver(url, ofCall('evt_2'))).toMatchObject(unavailable);
    for (const round of [1, 2, 3, 4]) {
      const replies = await Promise.all(
        Array.from({ length: 25 }, (_, index) => deliver(url, ofCall(`${round} ${index}`))),
      );
      for (const reply of replies) expect(reply).toMatchObject(unavailable);
    }
    proxy.thaw();
    await eventually(async () => (await deliver(url, ofCall('evt_2'))).status < 300, 'A 202');
    await eventually(() => calls.runs.some(({ call }) => call.call_id === 'evt_2'), 'The effect');
    await eventually(async () => {
      const { active, wait } = await queue.getJobCounts('active', 'wait');
      return active === 0 && wait === 0;
    }, 'An empty queue');
    // It was persisted late, and once more when it was sent again; two handlers, one run each.
    expect(calls.runs.filter(({ call }) => call.call_id === 'evt_2')).toHaveLength(2);
    // Of 100 deliveries, those that came once many answers were overdue were not persisted late.
    const tried = new Set(calls.runs.map(({ call }) => call.call_id));
    expect(tried.size).toBeLessThan(60);
  });

  it(
    'comes back from connections that have died in silence [pitfall 41]',
    async () => {
      const { port } = await setUp();
      const proxy = await startFreezingProxy(port);
      onTestFinished(proxy.close);
      await expectToOutliveSilence(backendAt(proxy.port), proxy);
    },
    2 * BACK_WITHIN_MS,
  );

  it('closes while the queue is gone', async () => {
    const { backend, server } = await setUp();
    const { app, url } = await startCalls({ ...backend, shutdownTimeout: 500 });
    await deliver(url, ofCall('evt_1'));
    await server.stop();
    await app.close();
  });
}
