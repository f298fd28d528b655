import { Child } from './child.mjs';

/** A server under load: started, checked, measured. */
export class BenchServer {
  #child;
  #redis;
  port;

  /** @param redis For a row that needs it. `redisPort`: where another port leads to it. */
  constructor(row, { nodeOptions, redis, redisPort = redis?.port, role = 'server' } = {}) {
    this.row = row;
    this.#redis = row.needsRedis ? redis : undefined;
    const env = this.#redis ? { BENCH_REDIS_URL: `redis://127.0.0.1:${redisPort}` } : {};
    this.#child = new Child(row.file, role, { args: row.args, nodeOptions, env });
  }

  async start(load) {
    ({ port: this.port } = await this.#child.ready);
    await this.#check(load);
    return this;
  }

  ask(what) {
    return this.#child.ask(what);
  }

  /**
   * Sends `count` requests, at most for `maxSeconds`, with a Redis that is empty.
   *
   * @returns requests per second, CPU seconds per request, and how busy both sides were
   */
  async measure(load, job) {
    const defaults = { ...this.#target(), kind: 'genuine', awake: !this.row.sleeps };
    await load.ask('prepare', { ...defaults, ...job });
    await this.#redis?.flush();
    const [before, redisBefore] = [await this.ask('usage'), await this.#redis?.usage()];
    const result = await load.ask('run');
    const [after, redisAfter] = [await this.ask('usage'), await this.#redis?.usage()];
    const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
    return {
      ...result,
      ...(redisAfter && perRequest(redisBefore, redisAfter, result.requests)),
      perSecond: result.requests / result.seconds,
      cpuPerRequest: cpuSeconds / result.requests,
      serverBusy: cpuSeconds / result.seconds,
      loadBusy: result.loadCpuSeconds / result.seconds,
    };
  }

  stop() {
    return this.#child.stop();
  }

  #target() {
    const { path, scheme } = this.row;
    return { port: this.port, path, scheme };
  }

  /** A server that does not do its work would be the fastest of all. */
  async #check(load) {
    const few = { bytes: 2_000, language: 'english', count: 2, connections: 1, maxSeconds: 20 };
    const accepted = await this.measure(load, few);
    const isSuccess = status => Number(status) >= 200 && Number(status) < 300;
    const { id, verifies } = this.row;
    if (!Object.keys(accepted.statuses).every(isSuccess)) {
      throw new Error(`${id} does not accept: ${JSON.stringify(accepted.statuses)}`);
    }
    if (!verifies) return;
    const refused = await this.measure(load, { ...few, kind: 'forged' });
    if (Object.keys(refused.statuses).some(isSuccess)) throw new Error(`${id} accepts a forgery`);
  }
}

const perRequest = (before, after, requests) => ({
  redisCpuPerRequest: (after.cpuSeconds - before.cpuSeconds) / requests,
  redisCommandsPerRequest: (after.commands - before.commands) / requests,
});
