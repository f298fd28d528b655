import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Who a server runs as. PostgreSQL refuses to run as root. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** How the programs of a server are started on this machine. Plain data: it is handed to test workers. */
export type Launcher =
  /** `programs`: full paths by name. */
  | { readonly kind: 'binary'; readonly programs: Record<string, string>; readonly user?: User }
  | { readonly kind: 'container'; readonly image: string; readonly user?: User };

const isRoot = process.getuid?.() === 0;

export function unprivilegedUser(): User | undefined {
  if (!isRoot) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map(flag => Number(tryRun('id', [flag, name]) ?? NaN));
    if (uid && gid) return { uid, gid };
  }
  return undefined;
}

/** Looks for all of `names` in one of the folders, or on PATH. */
export function findPrograms(
  names: readonly string[],
  folders: readonly string[] = [],
): Record<string, string> | undefined {
  const onPath = (process.env.PATH ?? '').split(delimiter);
  for (const folder of [...folders, ...onPath]) {
    const programs = Object.fromEntries(names.map(name => [name, join(folder, name)]));
    if (Object.values(programs).every(program => existsSync(program))) return programs;
  }
  return undefined;
}

export function subfolders(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map(name => join(folder, name)) : [];
}

/** Whether the programs start at all as the user: libraries may be missing, or rights on a folder. */
export function works(programs: Record<string, string> | undefined, user?: User): boolean {
  if (!programs) return false;
  return Object.values(programs).every(
    program => tryRun(program, ['--version'], user) !== undefined,
  );
}

const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs a package where that can be done without asking, and starts none of its services.
 *
 * @param why What it is for, as in "tests of Redis"; printed before anything is installed.
 */
export async function installPackage(name: string, why: string): Promise<void> {
  if (!isRoot || !existsSync('/etc/debian_version')) return;
  console.log(`Installing ${name} by apt-get for ${why}: this machine has none.`);
  const ownPolicy = !existsSync(POLICY);
  // 101: no service may be started.
  if (ownPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    // A fresh image has no lists of packages, and old lists name what is no longer there.
    if (!(await aptGet('install', '--no-install-recommends', name))) {
      await aptGet('update');
      await aptGet('install', '--no-install-recommends', name);
    }
  } finally {
    if (ownPolicy) rmSync(POLICY, { force: true });
  }
}

function aptGet(...args: string[]): Promise<boolean> {
  const child = spawn('apt-get', ['-o', 'DPkg::Lock::Timeout=120', '-y', ...args], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return new Promise(resolve => {
    child.once('error', () => resolve(false));
    child.once('exit', code => resolve(code === 0));
  });
}

/** On Linux only: elsewhere an engine's containers don't share the network of the host. */
export const hasContainers = (): boolean =>
  process.platform === 'linux' && tryRun('docker', ['info', '--format', '{{.ID}}']) !== undefined;

/** What a program prints, or undefined if it can't be run or fails. */
export function tryRun(program: string, args: readonly string[], user?: User): string | undefined {
  try {
    return execFileSync(program, args, {
      ...user,
      encoding: 'utf8',
      timeout: 60_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}
