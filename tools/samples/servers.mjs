import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
const support = new URL('../../test/support/servers/', import.meta.url);
const { findPostgres, findRedis } = await import(new URL('find-servers.ts', support).href);
const { startRedisWith } = await import(new URL('start-redis.ts', support).href);
const { startPostgresWith } = await import(new URL('start-postgres.ts', support).href);

/** What a sample may need, by the environment variable under which the sample finds it. */
const SERVERS = {
  REDIS_URL: {
    name: 'Redis',
    find: findRedis,
    start: startRedisWith,
    cure: 'install redis-server or valkey-server',
  },
  DATABASE_URL: {
    name: 'PostgreSQL',
    find: findPostgres,
    start: startPostgresWith,
    cure: 'install postgresql',
  },
};

/**
 * Finds or starts a server.
 *
 * @param {'REDIS_URL' | 'DATABASE_URL'} variable
 * @returns {Promise<{ url: string, dispose?: () => Promise<void> }>} `dispose` ends a server that was started here
 * @throws Error where there is none, with the cure
 */
export async function provide(variable) {
  const { name, find, start, cure } = SERVERS[variable];
  const given = process.env[variable];
  if (given) return { url: given };
  console.log(`${variable} is not set: looking for a ${name}`);
  const { url, launcher } = await find('this sample');
  if (url) return { url };
  if (!launcher) throw new Error(`No ${name} was found: set ${variable}, or ${cure}.`);
  const started = await start(launcher);
  console.log(`Started ${name} for this run: ${started.url}`);
  return { url: started.url, dispose: () => started.server.dispose() };
}
