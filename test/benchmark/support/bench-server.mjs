import { Child } from './child.mjs';

/** A server under load: started, checked, measured. */
export class BenchServer {
  #child;
  #backing;
  port;

  /** @param backing The server that the row needs; `url`: where another one leads to it. */
  constructor(row, { nodeOptions, backing, url = backing?.url, role = 'server' } = {}) {
    this.row = row;
    this.#backing = row.needs && backing;
    const env = url ? { BENCH_SERVER_URL: url } : {};
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
   * Sends `count` requests, at most for `maxSeconds`, with a backing server that is empty.
   *
   * @returns requests per second, CPU seconds per request, and how busy both sides were
   */
  async measure(load, job) {
    const defaults = { ...this.#target(), kind: 'genuine', awake: !this.row.sleeps };
    await load.ask('prepare', { ...defaults, ...job });
    await this.#backing?.flush();
    const [before, redisBefore] = [await this.ask('usage'), await this.#backing?.usage?.()];
    const result = await load.ask('run');
    const [after, redisAfter] = [await this.ask('usage'), await this.#backing?.usage?.()];
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
