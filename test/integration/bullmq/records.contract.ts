import { expect, it } from 'vitest';
import { deferred } from '../../support/deferred.js';
import { eventually } from '../../support/eventually.js';
import { LogCollector } from '../../support/logs.js';
import { ofCall, startCalls, type QueueBackend } from '../../support/queue-app.js';
import { deliver } from '../../support/send.js';

/** What the log says of a handler that has finished, when only the record of its end fails. */
export function describeRecords(
  backend: () => QueueBackend,
  server: {
    /** Makes each record of an end fail. */
    refuse(): Promise<unknown>;
    allow(): Promise<unknown>;
  },
): void {
  it('is that the record failed, not the run', async () => {
    const logger = new LogCollector();
    const { url, calls, queue } = await startCalls({ ...backend(), attempts: 2 }, { logger });
    const open = deferred();
    calls.gate = open.promise;
    await deliver(url, ofCall('call_1'));
    await eventually(() => calls.runs.length === 2, 'Both handlers');
    await server.refuse();
    open.resolve();
    const missed = () =>
      logger.of('warn').filter(line => /finished, but the queue (could not|has not)/.test(line));
    await eventually(() => missed().length >= 2, 'Lines of both');
    await server.allow();
    await eventually(async () => (await queue.getCompletedCount()) === 2, 'Both ends');
    expect(calls.runs).toHaveLength(2);
    expect(logger.text).not.toMatch(/attempt \d+ of \d+ failed|is a dead letter|has lost its job/);
  });
}
