import { Logger } from '@nestjs/common';
import { expect, it } from 'vitest';
import { resolveBullOptions } from '../../../lib/bullmq/resolve-bull-options.js';
import { RetentionSweeper } from '../../../lib/bullmq/retention-sweeper.js';
import { LogCollector } from '../../support/logs.js';

const options = resolveBullOptions(
  { connection: {}, keepCompleted: { age: 20 }, keepFailed: { age: 30 } },
  'q',
);

it('removes finished jobs and dead letters, each when its retention is over', async () => {
  const cleaned: unknown[][] = [];
  const queue = { clean: (...given: unknown[]) => Promise.resolve(cleaned.push(given)) };
  await new RetentionSweeper(queue as never, options).sweep();
  expect(cleaned).toEqual([
    [30_000, 10_000, 'failed'],
    [20_000, 10_000, 'completed'],
  ]);
});

it('logs that the queue is away, and goes on', async () => {
  const logs = new LogCollector();
  Logger.overrideLogger(logs);
  const queue = { clean: () => Promise.reject(new Error('Command timed out')) };
  await new RetentionSweeper(queue as never, options).sweep();
  expect(logs.of('warn')[0]).toContain('the next sweep retries: Command timed out');
});
