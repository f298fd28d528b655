import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../support/deferred.js';
import { describeWithOwnRedis, startRedis, type RedisServer } from '../../support/servers/redis.js';
import { Cluster, HANDLERS } from './cluster.js';
import { sendAll, send, signCall, tryOnce, type Sent } from './sender.js';

/** At a load of 30, 6,000 deliveries take longer than four minutes. */
const TIMEOUT = 600_000;
const cleanUp: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const dispose of cleanUp.splice(0).reverse()) await dispose();
}, TIMEOUT);

/** A Redis that keeps what it was told through a restart. */
async function persistentRedis(): Promise<RedisServer> {
  const redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  cleanUp.push(() => redis.server.dispose());
  return redis;
}

async function startCluster(store: string, options?: Parameters<typeof Cluster.start>[1]) {
  const cluster = await Cluster.start(store, options);
  cleanUp.push(() => cluster.dispose());
  return cluster;
}

const idsOf = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

const statusesOf = (sent: readonly Sent[]) => [
  ...new Set(sent.flatMap(({ statuses }) => statuses)),
];

/** Every handler had its effect for every event, exactly once. */
function expectExactlyOnce(cluster: Cluster, ids: readonly string[]): void {
  const effects = cluster.effects();
  const wrong = ids
    .flatMap(id => HANDLERS.map(handler => `${handler} ${id}`))
    .filter(key => effects.get(key)?.length !== 1)
    .map(key => `${key}: ${effects.get(key)?.length ?? 0}`);
  expect(wrong).toEqual([]);
}

/**
 * Sends rounds of events until enough has happened meanwhile, which takes as long as the machine takes.
 * Bounded, so that a test ends.
 */
async function sendUntil(
  enough: () => boolean,
  cluster: Cluster,
  count: number,
  options: Parameters<typeof sendAll>[2],
): Promise<{ ids: string[]; sent: Sent[] }> {
  const ids: string[] = [];
  const sent: Sent[] = [];
  for (let round = 0; round === 0 || (!enough() && round < 10); round += 1) {
    const more = idsOf(count, `round${round}`);
    sent.push(...(await sendAll(cluster, more, options)));
    ids.push(...more);
  }
  return { ids, sent };
}

/** Does something again and again until it is told to stop. */
function repeatedly(act: () => Promise<void>): { stop(): Promise<void> } {
  let isStopped = false;
  const running = (async () => {
    while (!isStopped) await act();
  })();
  return {
    stop: () => {
      isStopped = true;
      return running;
    },
  };
}

describeWithOwnRedis('three instances on one Redis', { timeout: TIMEOUT }, () => {
  it('1: 2,000 events, each sent three times at once, have each effect exactly once', async () => {
    const cluster = await startCluster((await persistentRedis()).url, { lease: 30 });
    const ids = idsOf(2000, 'call');
    const sent = await sendAll(cluster, ids, { copies: 3, concurrency: 15 });
    expect(sent.every(({ acknowledged }) => acknowledged)).toBe(true);
    // 503 where a busy machine makes Redis answer too late.
    expect(statusesOf(sent).filter(status => ![200, 409, 503].includes(status))).toEqual([]);
    expectExactlyOnce(cluster, ids);
  });

  it('2: SIGKILL loses nothing, and repeats only what was running in a killed process', async () => {
    const cluster = await startCluster((await persistentRedis()).url, { lease: 1 });
    const killed = new Set<number>();
    let turn = 0;
    const killer = repeatedly(async () => {
      await delay(700);
      const victim = cluster.instances[(turn += 1) % cluster.instances.length]!;
      killed.add(await victim.end('SIGKILL'));
      await victim.start();
    });
    const fields = { ledger_ms: 20, crm_ms: 40 };
    const options = { copies: 2, concurrency: 15, fields };
    const { ids, sent } = await sendUntil(() => killed.size > 2, cluster, 600, options);
    await killer.stop();
    expect(killed.size).toBeGreaterThan(2);
    expect(sent.every(({ acknowledged }) => acknowledged)).toBe(true);

    const effects = cluster.effects();
    const keys = ids.flatMap(id => HANDLERS.map(handler => `${handler} ${id}`));
    expect(keys.filter(key => !effects.has(key))).toEqual([]);
    // Of each handler and call all effects but the last were in processes that were killed.
    const unexplained = keys.filter(key =>
      effects
        .get(key)!
        .slice(0, -1)
        .some(({ pid }) => !killed.has(pid)),
    );
    expect(unexplained).toEqual([]);
    // And no more than were under way there when it happened: events at a time, handlers each.
    const repeats = keys.reduce((sum, key) => sum + effects.get(key)!.length - 1, 0);
    expect(repeats).toBeLessThanOrEqual(killed.size * 15 * HANDLERS.length);
  });

  it('3: stopping and starting Redis loses nothing, and nothing runs twice', async () => {
    const redis = await persistentRedis();
    const cluster = await startCluster(redis.url, { lease: 30 });
    let restarts = 0;
    const breaker = repeatedly(async () => {
      await delay(800);
      await redis.server.stop();
      await delay(400);
      await redis.server.start();
      restarts += 1;
    });
    const fields = { ledger_ms: 10, crm_ms: 30 };
    const options = { copies: 2, concurrency: 10, fields };
    const { ids, sent } = await sendUntil(() => restarts > 0, cluster, 600, options);
    await breaker.stop();
    expect(restarts).toBeGreaterThan(0);
    expect(sent.every(({ acknowledged }) => acknowledged)).toBe(true);
    expect(statusesOf(sent).filter(status => ![200, 409, 503].includes(status))).toEqual([]);
    expectExactlyOnce(cluster, ids);
  });

  it('4: rolling SIGTERM deploys under load fail no delivery that is sent again after 503', async () => {
    const cluster = await startCluster((await persistentRedis()).url, { lease: 30 });
    let deploys = 0;
    const deployer = repeatedly(async () => {
      const instance = cluster.instances[deploys % cluster.instances.length]!;
      await delay(300);
      await instance.end('SIGTERM');
      await instance.start();
      deploys += 1;
    });
    const fields = { ledger_ms: 30, crm_ms: 60 };
    const options = { concurrency: 15, fields };
    const { ids, sent } = await sendUntil(() => deploys > 2, cluster, 600, options);
    await deployer.stop();
    expect(deploys).toBeGreaterThan(2);
    expect(sent.every(({ acknowledged }) => acknowledged)).toBe(true);
    expect(statusesOf(sent).filter(status => ![200, 409, 503].includes(status))).toEqual([]);
    expectExactlyOnce(cluster, ids);
  });

  it('6: genuine requests replayed under 1,000 fresh ids have no effect more', async () => {
    const cluster = await startCluster((await persistentRedis()).url, { lease: 30 });
    const captured = idsOf(5, 'call').map(id => signCall(id));
    const replay = (delivery: (typeof captured)[number], id: string) =>
      tryOnce(cluster.pick()!.url, {
        body: delivery.body,
        headers: { ...delivery.headers, 'x-webhook-id': id },
      });
    // Some of the replays are faster than the originals.
    const early = captured.flatMap(delivery => [
      replay(delivery, `early-${delivery.headers['x-webhook-id']}`),
      tryOnce(cluster.pick()!.url, delivery),
    ]);
    await Promise.all(early);
    for (const delivery of captured) {
      for (let round = 0; round < 1000; round += 50) {
        const ids = idsOf(50, `fresh-${round}`);
        const statuses = await Promise.all(ids.map(id => replay(delivery, id)));
        expect(statuses.every(status => status === 200)).toBe(true);
      }
    }
    expectExactlyOnce(cluster, idsOf(5, 'call'));
  });

  it('7a: a handler slower than its lease keeps its claim', async () => {
    const cluster = await startCluster((await persistentRedis()).url, { lease: 1 });
    const first = send(cluster, 'slow', { ledger_ms: 4_000 });
    await until(() => cluster.notes.some(({ what }) => what === 'start'), 'the first handler');
    const others = await Promise.all(
      [0, 1_500, 3_000].map(async wait => {
        await delay(wait);
        return tryOnce(cluster.pick()!.url, signCall('slow'));
      }),
    );
    expect(others).toEqual([409, 409, 409]);
    expect(await first).toMatchObject({ acknowledged: true });
    expectExactlyOnce(cluster, ['slow']);
  });

  it('7b: a process paused past its lease leaves the claim to another, and what it finishes counts', async () => {
    const cluster = await startCluster((await persistentRedis()).url, { instances: 2, lease: 1 });
    const [paused, other] = cluster.instances as [Cluster['instances'][0], Cluster['instances'][0]];
    const fields = { ledger_ms: 1_500, crm_ms: 1_500 };
    const stale = tryOnce(paused.url, signCall('paused', fields));
    await until(() => cluster.notes.length === 2, 'both handlers of the first');
    paused.signal('SIGSTOP');
    // The other may start when Redis says that the lease is over; until then it answers 409.
    const take = async (): Promise<number> => {
      const status = await tryOnce(
        other.url,
        signCall('paused', { ledger_ms: 5_000, crm_ms: 100 }),
      );
      return status === 409 ? delay(100).then(take) : status;
    };
    const taken = take();
    await until(() => cluster.notes.length === 4, 'both handlers of the other');
    paused.signal('SIGCONT');
    await stale;
    // The stale owner has finished its handlers, although the claim is the other's and still in progress.
    expect(await tryOnce(paused.url, signCall('paused'))).toBe(200);
    expect(await taken).toBe(200);
    expect(await tryOnce(other.url, signCall('paused'))).toBe(200);
    const byOther = cluster.notes.filter(({ what, pid }) => what === 'effect' && pid === other.pid);
    expect(byOther.map(({ handler }) => handler).sort()).toEqual(['crm', 'ledger']);
  });

  it('8: a soak leaves memory and resources as they were', async () => {
    const cluster = await startCluster((await persistentRedis()).url, { instances: 1, lease: 30 });
    const [instance] = cluster.instances as [Cluster['instances'][0]];
    const options = { concurrency: 20, fields: { ledger_ms: 0, crm_ms: 0 } };
    await sendAll(cluster, idsOf(1_500, 'warm'), options);
    await delay(200);
    const before = await instance.vitals();
    for (let round = 0; round < 3; round += 1) {
      await sendAll(cluster, idsOf(1_500, `round-${round}`), options);
    }
    await delay(200);
    const after = await instance.vitals();
    expect(after.memory - before.memory).toBeLessThan(4 * 1024 * 1024);
    expect([...after.resources].sort()).toEqual([...before.resources].sort());
    expect(instance.log).not.toMatch(/MaxListenersExceeded|Unhandled/);
  });
});

describe('the harness', () => {
  it('counts effects by handler and call', () => {
    // So that the tests above can not pass for want of a file.
    expect(() => expectExactlyOnce({ effects: () => new Map() } as Cluster, ['x'])).toThrow();
  });
});
