import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, fstatSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setInterval } from 'node:timers';
import { mainOf } from './build.mjs';

const HOST = '127.0.0.1';
const PORT = 3000;
const POLL_MS = 1_000;

/** By sample: the variables that name the servers which it needs. */
const NEEDS = {
  '02-redis': ['REDIS_URL'],
  '03-postgres': ['DATABASE_URL'],
  '04-queue': ['REDIS_URL'],
};

/**
 * Runs a built sample to its end, with the servers that it needs. It ends with this process, and this
 * one with its parent.
 *
 * @param {string} name
 * @param {string[]} args For the sample.
 * @returns {Promise<number>} Its exit code; 0 if it was asked to end.
 */
export async function start(name, args) {
  const servers = [];
  try {
    const env = { ...process.env, PORT: args.includes('--once') ? '0' : String(await freePort()) };
    for (const variable of NEEDS[name] ?? []) {
      const { provide } = await import('./servers.mjs');
      const server = await provide(variable);
      servers.push(server);
      env[variable] = server.url;
    }
    console.log(`Starting ${name} …\n`);
    // One that ends by itself needs no sign from a terminal, and standard input may be closed from the start.
    const code = await run(mainOf(name), args, env, { withStdin: !args.includes('--once') });
    const given = (NEEDS[name] ?? []).filter(variable => process.env[variable]);
    if (code !== 0 && given.length > 0) console.error(`Does what ${given.join()} names answer?`);
    return code;
  } finally {
    for (const { dispose } of servers) await dispose?.();
  }
}

async function run(main, args, env, { withStdin }) {
  const preload = new URL('end-with-stdin.mjs', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', preload, main, ...args], {
    env,
    // The sample never reads it: that it is open shows that this process is there.
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  let asked = false;
  const end = () => {
    asked = true;
    child.kill('SIGTERM');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
  whenParentEnds(end);
  if (withStdin) whenStdinEnds(end);
  const [code] = await once(child, 'exit');
  return asked ? 0 : (code ?? 1);
}

function whenParentEnds(end) {
  const above = ancestors();
  setInterval(() => ancestors().join() !== above.join() && end(), POLL_MS).unref();
}

function whenStdinEnds(end) {
  // A terminal sends a signal when it is closed, and /dev/null is at its end from the start.
  const stdin = fstatSync(0);
  if (!stdin.isFIFO() && !stdin.isSocket()) return;
  process.stdin.resume().once('end', () => {
    console.log('Standard input has ended, and so does the sample.');
    end();
  });
  process.stdin.unref();
}

/** The parent; under npm, which runs scripts in a shell that outlives it, also the shell's parent. */
function ancestors() {
  const parent = process.ppid;
  return process.env.npm_lifecycle_event ? [parent, parentOf(parent)] : [parent];
}

function parentOf(pid) {
  const file = `/proc/${pid}/stat`;
  if (existsSync(file)) return /\) \S (\d+)/.exec(readFileSync(file, 'utf8'))?.[1];
  return spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim();
}

async function freePort() {
  const wanted = Number(process.env.PORT ?? PORT);
  if (await isFree(wanted)) return wanted;
  const port = await freePortAfter(wanted);
  console.log(`Port ${wanted} is taken: using ${port}.`);
  return port;
}

async function freePortAfter(port) {
  for (let next = port + 1; next < port + 100 && next < 65_536; next += 1) {
    if (await isFree(next)) return next;
  }
  throw new Error(`No port from ${port} on is free: set PORT.`);
}

function isFree(port) {
  return new Promise(resolve => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}
