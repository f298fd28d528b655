import { expect, it, onTestFinished } from 'vitest';
import { deferred } from '../../support/deferred.js';
import { eventually } from '../../support/eventually.js';
import { startFreezingProxy } from '../../support/freezing-proxy.js';
import { LogCollector } from '../../support/logs.js';
import {
  newQueueName,
  ofCall,
  SOON,
  startCalls,
  type QueueBackend,
} from '../../support/queue-app.js';
import { deliver } from '../../support/send.js';

/** A busy machine keeps a lock of that length. */
const LATE_LOCK_MS = 5_000;

/** Jobs that a worker asked for and got when their locks had ended. */
export function describeLateJobs(
  server: { readonly url: string },
  backendAt: (url: string) => QueueBackend,
  /** What a request for a job has in it. */
  fetch: string,
): void {
  it('does not run a job whose lock ended on the way to the worker', async () => {
    const proxy = await startFreezingProxy(Number(new URL(server.url).port));
    onTestFinished(proxy.close);
    const far = new URL(server.url);
    far.port = String(proxy.port);
    const queueName = newQueueName();
    const worker = { ...SOON.worker, concurrency: 1 };
    const near = { ...backendAt(server.url), queueName, worker };
    // Of all apps: the last one's is everybody's.
    const logger = new LogCollector();
    // It asks only when there is a job. Its lock has to end by itself.
    const patient = { ...worker, drainDelay: 60, lockDuration: LATE_LOCK_MS };
    const late = await startCalls({ ...near, ...backendAt(far.href), worker: patient });
    const { url, queue } = await startCalls({ ...near, role: 'receive' });
    await deliver(url, ofCall('call_1'));
    await eventually(async () => (await queue.getCompletedCount()) === 2, 'The first call');
    const asked = deferred();
    proxy.onRequest = bytes => {
      if (!bytes.includes(fetch)) return;
      proxy.freeze('replies');
      asked.resolve();
    };
    await deliver(url, ofCall('call_2'));
    await asked.promise;
    proxy.onRequest = undefined;
    await eventually(async () => (await queue.getActiveCount()) === 1, 'The job on its way');
    const other = await startCalls({ ...near, role: 'work' }, { logger });
    await eventually(async () => (await queue.getCompletedCount()) === 4, 'The second call');
    proxy.thaw();
    await eventually(
      () => /Error of the worker: .*(lock|not in the active state)/i.test(logger.text),
      'What the late worker says',
    );
    await late.app.close();
    expect(late.calls.runs.map(({ call }) => call.call_id)).toEqual(['call_1', 'call_1']);
    expect(other.calls.runs.map(({ delivery }) => delivery.attempt).sort()).toEqual([1, 2]);
    expect(logger.text).not.toMatch(/attempt \d+ of|dead letter/);
  });
}
