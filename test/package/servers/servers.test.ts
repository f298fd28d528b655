import { Redis } from 'ioredis';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { describeWithOwnPostgres, startPostgres } from '../../support/servers/postgres.js';
import { describeWithOwnRedis, startRedis } from '../../support/servers/redis.js';

// The tests of stores and queues rely on this: what they see must be a server's doing.
describe('servers for tests', () => {
  describeWithOwnRedis('Redis', () => {
    it('comes back after a stop and a crash, on the same port', async () => {
      const { url, server } = await startRedis({ args: ['--appendonly', 'yes'] });
      const ask = async <T>(work: (redis: Redis) => Promise<T>): Promise<T> => {
        const redis = new Redis(url);
        return work(redis).finally(() => redis.disconnect());
      };
      try {
        await ask(redis => redis.set('key', 'value'));
        await server.stop();
        await server.start();
        expect(await ask(redis => redis.get('key'))).toBe('value');
        const before = server.pid;
        await server.kill();
        await server.start();
        expect(server.pid).not.toBe(before);
        expect(await ask(redis => redis.ping())).toBe('PONG');
      } finally {
        await server.dispose();
      }
    });
  });

  describeWithOwnPostgres('PostgreSQL', () => {
    it('comes back after a stop and a crash, on the same port, with its data', async () => {
      const { url, server } = await startPostgres();
      const ask = async (sql: string): Promise<unknown[]> => {
        const client = new pg.Client(url);
        await client.connect();
        return (await client.query<object>(sql).finally(() => client.end())).rows;
      };
      try {
        await ask('CREATE TABLE kept (value int); INSERT INTO kept VALUES (1)');
        await server.stop();
        await server.start();
        await ask('INSERT INTO kept VALUES (2)');
        await server.kill();
        await server.start();
        expect(await ask('SELECT value FROM kept ORDER BY 1')).toEqual([
          { value: 1 },
          { value: 2 },
        ]);
      } finally {
        await server.dispose();
      }
    });
  });
});
