import { register } from 'node:module';
import { Redis } from 'ioredis';
import { pin } from './child.mjs';

register('./typescript-hooks.mjs', import.meta.url);
const { findRedis } = await import('../../support/servers/find-servers.ts');
const { dataFolder, freePort, ServerProcess } =
  await import('../../support/servers/server-process.ts');
export const { startCountingProxy } = await import('../../support/counting-proxy.ts');

/** The Redis of a run: a server of its own, found or brought as the tests do, on the load generator's core. */
export class BenchRedis {
  #server;
  #client;
  port;

  /** @returns undefined where no Redis can be had */
  static async start() {
    const { launcher } = findRedis();
    return launcher && new BenchRedis().#start(launcher);
  }

  async #start(launcher) {
    const folder = dataFolder(launcher, 'redis');
    this.port = await freePort();
    const program = launcher.kind === 'container' ? 'redis-server' : 'server';
    const network = ['--bind', '127.0.0.1', '--port', String(this.port), '--dir', folder];
    const args = [...network, '--save', ''];
    const spec = { program, args, ready: /ready to accept connections/i, stopSignal: 'SIGTERM' };
    this.#server = new ServerProcess(launcher, spec, folder);
    await this.#server.start();
    // A container's process is the engine's to place.
    if (launcher.kind === 'binary') pin(this.#server.pid, 'load');
    this.#client = new Redis(this.url);
    return this;
  }

  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }

  flush() {
    return this.#client.flushall('SYNC');
  }

  /** What the server has done since it was started; what scripts call is not counted as commands. */
  async usage() {
    const [cpu, commands] = [await this.#client.info('cpu'), await this.#client.info('stats')];
    const number = (text, field) => Number(new RegExp(`^${field}:(.*)$`, 'm').exec(text)?.[1]);
    return {
      cpuSeconds: number(cpu, 'used_cpu_user') + number(cpu, 'used_cpu_sys'),
      commands: number(commands, 'total_commands_processed'),
    };
  }

  async stop() {
    this.#client.disconnect();
    await this.#server.dispose();
  }
}
