import { afterAll, beforeAll, describe, inject } from 'vitest';
import { startPostgresWith, type PostgresServer, type PostgresStart } from './start-postgres.js';

export type { PostgresServer };

const found = inject('postgres');

/** Whether `usePostgres()` works here. */
export const hasPostgres = found.url !== undefined || found.launcher !== undefined;
/** Whether `startPostgres()` works here. */
export const canStartPostgres = found.launcher !== undefined;

export const describeWithPostgres = describe.skipIf(!hasPostgres);
export const describeWithOwnPostgres = describe.skipIf(!canStartPostgres);

/**
 * A PostgreSQL of the caller's own, for tests that stop, slow down or configure it;
 * `server.dispose()` ends it.
 */
export async function startPostgres(options?: PostgresStart): Promise<PostgresServer> {
  if (!found.launcher) throw new Error('No PostgreSQL can be started here');
  return startPostgresWith(found.launcher, options);
}

/** A PostgreSQL for the tests of the file or `describe` block that calls it; its `url` is known once they run. */
export function usePostgres(): { readonly url: string } {
  const postgres = { url: '' };
  let own: PostgresServer | undefined;
  beforeAll(async () => {
    if (!found.url) own = await startPostgres();
    postgres.url = own?.url ?? found.url!;
  }, 60_000);
  afterAll(() => own?.server.dispose());
  return postgres;
}
