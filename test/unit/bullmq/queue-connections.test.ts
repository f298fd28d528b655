import { expect, it } from 'vitest';
import { QueueConnections } from '../../../lib/bullmq/queue-connections.js';
import { ManualClock } from '../../support/manual-clock.js';

/** Connections of which `hanging` never close. */
function setUp(hanging: readonly string[] = []) {
  const clock = new ManualClock();
  const calls: string[] = [];
  const act = (name: string) => () => {
    calls.push(name);
    if (hanging.includes(name)) return new Promise<never>(() => undefined);
    return name.startsWith('close') ? Promise.reject(new Error('away')) : Promise.resolve();
  };
  const connector = {
    check: act('check queue'),
    stopReconnecting: () => calls.push('stop reconnecting'),
    close: () => calls.push('close the rest'),
  };
  const worker = { prepare: act('prepare worker'), disconnect: act('disconnect worker') };
  const queue = { close: act('close queue'), disconnect: act('disconnect queue') };
  const connections = new QueueConnections(
    connector as never,
    worker as never,
    queue as never,
    clock,
  );
  return { clock, calls, connections };
}

const ALL = [
  'stop reconnecting',
  'close queue',
  'disconnect queue',
  'disconnect worker',
  'close the rest',
];

it('checks queue and worker', async () => {
  const { calls, connections } = setUp();
  await connections.open();
  expect(calls).toEqual(['check queue', 'prepare worker']);
});

it('closes all, one after the other, after it has stopped reconnecting', async () => {
  const { calls, connections } = setUp();
  await connections.close();
  expect(calls).toEqual(ALL);
});

it('waits two seconds at most for each that does not close', async () => {
  const { clock, calls, connections } = setUp(['close queue', 'disconnect worker']);
  let isClosed = false;
  void connections.close().then(() => (isClosed = true));
  await clock.pass(1_999);
  expect(calls).toEqual(ALL.slice(0, 2));
  await clock.pass(1);
  expect(calls).toEqual(ALL.slice(0, 4));
  await clock.pass(2_000);
  expect(calls).toEqual(ALL);
  expect(isClosed).toBe(true);
});
