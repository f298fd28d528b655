import { register } from 'node:module';
import { Redis } from 'ioredis';
import pg from 'pg';
import { pin } from './child.mjs';

register('./typescript-hooks.mjs', import.meta.url);
const { findPostgres, findRedis } = await import('../../support/servers/find-servers.ts');
const { dataFolder, freePort, ServerProcess } =
  await import('../../support/servers/server-process.ts');
const { startPostgresWith } = await import('../../support/servers/start-postgres.ts');
export const { startCountingProxy } = await import('../../support/counting-proxy.ts');

/** The servers that a run needs: each is started for the first part that needs it, on the load generator's core. */
export class BackingServers {
  #started = new Map();
  #log;

  constructor(log) {
    this.#log = log;
  }

  /** @returns the server of that kind, `redis` or `postgres`; undefined where none can be had */
  get(kind) {
    if (!this.#started.has(kind)) this.#started.set(kind, this.#start(kind));
    return this.#started.get(kind);
  }

  async stop() {
    for (const server of this.#started.values()) await (await server)?.stop();
  }

  async #start(kind) {
    const [find, start] = {
      redis: [findRedis, startRedis],
      postgres: [findPostgres, startPostgres],
    }[kind];
    const { launcher } = await find('the benchmark');
    if (!launcher) this.#log(`No ${kind} can be started here: what needs it is left out`);
    return launcher && start(launcher);
  }
}

// A container's process is the engine's to place.
const pinServer = ({ kind }, { pid }) => kind === 'binary' && pin(pid, 'load');

async function startRedis(launcher) {
  const folder = dataFolder(launcher, 'redis');
  const port = await freePort();
  const program = launcher.kind === 'container' ? 'redis-server' : 'server';
  const network = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
  const args = [...network, '--save', ''];
  const spec = { program, args, ready: /ready to accept connections/i, stopSignal: 'SIGTERM' };
  const server = new ServerProcess(launcher, spec, folder);
  await server.start();
  pinServer(launcher, server);
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url);
  return {
    url,
    port,
    flush: () => client.flushall('SYNC'),
    /** What the server has done since it was started; what scripts call is not counted as commands. */
    usage: async () => {
      const [cpu, commands] = [await client.info('cpu'), await client.info('stats')];
      const number = (text, field) => Number(new RegExp(`^${field}:(.*)$`, 'm').exec(text)?.[1]);
      return {
        cpuSeconds: number(cpu, 'used_cpu_user') + number(cpu, 'used_cpu_sys'),
        commands: number(commands, 'total_commands_processed'),
      };
    },
    stop: async () => {
      client.disconnect();
      await server.dispose();
    },
  };
}

const TABLES = `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
  WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename NOT IN ('meta', 'migration')`;

/** As an app would have it: what is committed is on the disk. */
async function startPostgres(launcher) {
  const settings = { fsync: 'on', full_page_writes: 'on', shared_buffers: '128MB' };
  const { url, port, server } = await startPostgresWith(launcher, { settings });
  pinServer(launcher, server);
  const client = new pg.Client(url);
  await client.connect();
  return {
    url,
    port,
    flush: async () => {
      const { rows } = await client.query(TABLES);
      if (rows.length > 0) await client.query(`TRUNCATE ${rows.map(({ name }) => name).join()}`);
    },
    stop: async () => {
      await client.end();
      await server.dispose();
    },
  };
}
