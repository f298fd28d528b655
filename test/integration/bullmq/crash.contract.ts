import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { RevragBullOptions } from 'nestjs-revrag-webhook/bullmq';
import { SECRET } from '../../support/app.js';
import { AppProcess } from '../../support/app-process.js';
import { eventually } from '../../support/eventually.js';
import { newQueueName, ofCall, SOON, startCalls } from '../../support/queue-app.js';
import type { QueueServer } from '../../support/queue-server.js';
import { deliver } from '../../support/send.js';
import type { ServerProcess } from '../../support/servers/server-process.js';
import type { CrashAppConfig } from './crash-app.js';

const APP = fileURLToPath(new URL('crash-app.ts', import.meta.url));
const EVENTS = 80;
const SENDERS = 6;
const CONCURRENCY = 4;
/** A killed worker's locks end by themselves; a busy machine keeps those of the others. */
const LOCK_MS = 10_000;
const TEST_TIMEOUT_MS = 120_000;

/** Redelivers until it is acknowledged, as a provider does: the same id, a new timestamp. */
async function send(id: string, receivers: readonly AppProcess[]): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    const { url } = receivers[Math.floor(Math.random() * receivers.length)]!;
    const reply = url && (await deliver(url, ofCall(id)).catch(() => undefined));
    if (reply && reply.status < 300) return;
    await delay(Math.min(50 * 2 ** tries, 400));
  }
  throw new Error(`${id} was never acknowledged`);
}

/** Nothing acknowledged is lost, whatever dies. `start` makes a server that keeps its data. */
export function describeCrashes(
  start: () => Promise<{ queues: QueueServer; server: ServerProcess }>,
): void {
  it(
    'gives every event that was acknowledged its effects, whatever is killed',
    async () => {
      const { queues, server } = await start();
      const folder = mkdtempSync(join(tmpdir(), 'revrag-effects-'));
      const effects = join(folder, 'effects');
      const queueName = newQueueName();
      const newProcess = (role: 'receive' | 'work') => {
        const worker = { ...SOON.worker, concurrency: CONCURRENCY, lockDuration: LOCK_MS };
        const bull = { ...SOON, ...queues.backend(), role, worker, attempts: 20 };
        const config: CrashAppConfig = { secret: SECRET, effects, queueName, bull };
        return new AppProcess(APP, { CRASH_APP: JSON.stringify(config) });
      };
      const receivers = [newProcess('receive'), newProcess('receive')];
      const workers = [newProcess('work'), newProcess('work')];
      onTestFinished(async () => {
        await Promise.all([...receivers, ...workers].map(one => one.kill()));
        await server.dispose();
        rmSync(folder, { recursive: true, force: true });
      });
      await Promise.all([...receivers, ...workers].map(one => one.start()));

      const ids = Array.from({ length: EVENTS }, () => randomUUID());
      const queued = [...ids];
      const acknowledged = new Set<string>();
      const sending = Promise.all(
        Array.from({ length: SENDERS }, async () => {
          for (let id = queued.pop(); id; id = queued.pop()) {
            await send(id, receivers);
            acknowledged.add(id);
          }
        }),
      );
      const restart = async (one: AppProcess) => {
        await one.kill();
        await one.start();
      };
      const acknowledge = (part: number) =>
        eventually(() => acknowledged.size >= EVENTS * part, 'Progress', TEST_TIMEOUT_MS);

      await acknowledge(0.2);
      await restart(receivers[0]!);
      await restart(workers[0]!);
      await acknowledge(0.4);
      await server.kill();
      await delay(300);
      await server.start();
      await acknowledge(0.6);
      await restart(workers[1]!);
      await Promise.all([restart(receivers[1]!), workers[0]!.terminate()]);
      await workers[0]!.start();
      await sending;

      const counts = () => {
        const lines = existsSync(effects) ? readFileSync(effects, 'utf8').split('\n') : [];
        const found = new Map<string, number>();
        for (const line of lines) if (line) found.set(line, (found.get(line) ?? 0) + 1);
        return found;
      };
      const due = ids.flatMap(id => [`save ${id}`, `bill ${id}`]);
      await eventually(
        () => due.every(effect => counts().has(effect)),
        'Every effect',
        TEST_TIMEOUT_MS,
      );
      expect([...counts().keys()].sort()).toEqual([...due].sort());
      // Only what ran in a killed process, or ended while the server was gone, may have run again.
      const repeats = [...counts().values()].reduce((sum, count) => sum + count - 1, 0);
      for (const one of [...receivers, ...workers]) expect(one.crashes).toBe(0);
      const workerKills = 2;
      expect(repeats).toBeLessThanOrEqual(CONCURRENCY * (workerKills + workers.length));
    },
    TEST_TIMEOUT_MS * 2,
  );

  it(
    'gives up on a job that ends its process again and again, and runs the others',
    async () => {
      const { queues, server } = await start();
      const folder = mkdtempSync(join(tmpdir(), 'revrag-effects-'));
      const effects = join(folder, 'effects');
      const queueName = newQueueName();
      const options = { ...queues.backend(), queueName, attempts: 10 };
      const bull: RevragBullOptions = { ...SOON, ...options, role: 'work' };
      const config: CrashAppConfig = { secret: SECRET, effects, queueName, bull };
      const app = new AppProcess(APP, { CRASH_APP: JSON.stringify(config) });
      onTestFinished(async () => {
        await app.kill();
        await server.dispose();
        rmSync(folder, { recursive: true, force: true });
      });
      const { url, deadLetters, queue } = await startCalls({ ...options, role: 'receive' });
      for (const id of ['poison', 'a', 'b', 'c']) await deliver(url, ofCall(id));
      const isDone = async () =>
        (await deadLetters.count()) === 1 && (await queue.getCompletedCount()) === 7;
      await app.start();
      await eventually(
        async () => {
          if (app.hasEnded) {
            await queues.unlock();
            await app.start();
          }
          return isDone();
        },
        'All but one',
        TEST_TIMEOUT_MS,
      );
      expect(await deadLetters.list()).toMatchObject([
        { handlerId: 'save', reason: 'job stalled more than allowable limit' },
      ]);
      expect(app.crashes).toBe(4);
    },
    TEST_TIMEOUT_MS * 2,
  );
}
