export {
  PostgresIdempotencyStore,
  type PostgresIdempotencyStoreOptions,
} from './postgres-idempotency-store.js';
export { postgresSchemaSql, type PostgresSchemaOptions } from './postgres-schema.js';
