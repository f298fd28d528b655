import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

export interface Redis {
  readonly url: string;
  readonly stop: () => void;
}

/** The Redis that REDIS_URL names; without one, one for this run alone, if `redis-server` is installed. */
export async function findRedis(): Promise<Redis> {
  if (process.env.REDIS_URL) return { url: process.env.REDIS_URL, stop: () => undefined };
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', ''];
  const redis = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => redis.kill());
  try {
    for await (const line of redis.stdout) if (/ready to accept/i.test(String(line))) break;
    redis.stdout.resume();
  } catch {
    throw new Error('There is no redis-server on this machine. Set REDIS_URL to one elsewhere.');
  }
  return { url: `redis://127.0.0.1:${port}`, stop: () => redis.kill() };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
