export {
  PostgresIdempotencyStore,
  type PostgresIdempotencyStoreOptions,
} from './postgres-idempotency-store.js';
export type {
  PostgresClient,
  PostgresPool,
  PostgresQuery,
  PostgresResult,
} from './postgres-pool.js';
export type { PostgresSchemaOptions } from './postgres-names.js';
export { postgresSchemaSql } from './postgres-schema.js';
export { postgresJson, postgresText } from './postgres-text.js';
export type { EffectDelivery, EffectRunner, RunStatement } from './record-effect.js';
