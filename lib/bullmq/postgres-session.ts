import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';
import type { PgPool } from './bounded-pg-pool.js';

type Client = Pick<PgPool, 'query'>;

const NEEDS_SESSION =
  'BullMQ uses LISTEN/NOTIFY and session settings, which need a session of their own. Connect to ' +
  'PostgreSQL directly, or to a pool in session mode.';

/**
 * A pooler in transaction mode gives a server connection to a session for one transaction only.
 *
 * @throws RevragConfigurationError if the sessions share server connections
 */
export async function requireSession(one: Client, other: Client): Promise<void> {
  const first = await backendOf(one);
  await other.query('BEGIN');
  try {
    const held = await backendOf(other);
    // While the other's transaction holds its server connection, one without a session gets another.
    const second = await backendOf(one);
    if (held === first || second !== first) {
      throw new RevragConfigurationError(
        `RevragBullModule: postgres is reached through a pooler in transaction mode. ${NEEDS_SESSION}`,
      );
    }
  } finally {
    await other.query('ROLLBACK');
  }
}

async function backendOf(client: Client): Promise<unknown> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid;
}

/** @throws RevragConfigurationError if BullMQ's statements would fail with serialization errors */
export async function requireReadCommitted(client: Client): Promise<void> {
  const { rows } = await client.query<{ level: string }>(
    "SELECT current_setting('default_transaction_isolation') AS level",
  );
  const level = rows[0]?.level;
  if (level === 'read committed' || level === 'read uncommitted') return;
  throw new RevragConfigurationError(
    `RevragBullModule: the connections of postgres have default_transaction_isolation = ${level}, with ` +
      'which BullMQ fails under load. Create the pool with ' +
      String.raw`options: '-c default_transaction_isolation=read\\ committed'.`,
  );
}

/** A pooler refuses settings that it can't keep for a session. */
export function toPoolerError(error: unknown): unknown {
  const { message = '' } = (error ?? {}) as { message?: string };
  if (!message.includes('unsupported startup parameter')) return error;
  return new RevragConfigurationError(
    `RevragBullModule: postgres is reached through a pooler, which refuses the settings of a session ` +
      `(${message}). ${NEEDS_SESSION}`,
  );
}
