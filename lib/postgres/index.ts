export {
  PostgresIdempotencyStore,
  type PostgresIdempotencyStoreOptions,
} from './postgres-idempotency-store.js';
export type { PostgresClient, PostgresPool, PostgresResult } from './postgres-client.js';
export { postgresSchemaSql, type PostgresSchemaOptions } from './postgres-schema.js';
