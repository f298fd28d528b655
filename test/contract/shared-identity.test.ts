import { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
import { randomUUID } from 'node:crypto';
import { describeWithPostgres, usePostgres } from '../support/servers/postgres.js';
import { describeWithRedis, useRedis } from '../support/servers/redis.js';
import { itKnowsDeliveriesByWhatIsSigned } from './identity.contract.js';

const timeout = 15_000;

describeWithRedis('an app with a RedisIdempotencyStore', () => {
  const server = useRedis();
  itKnowsDeliveriesByWhatIsSigned(
    () => new RedisIdempotencyStore(server.url, { timeout, prefix: randomUUID() }),
  );
});

describeWithPostgres('an app with a PostgresIdempotencyStore', () => {
  const server = usePostgres();
  itKnowsDeliveriesByWhatIsSigned(
    () => new PostgresIdempotencyStore(server.url, { timeout, schema: `s${randomUUID()}` }),
  );
});
