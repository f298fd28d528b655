import { Child } from './child.mjs';

/** A server under load: started, checked, measured. */
export class BenchServer {
  #child;
  #port;

  constructor(row, { nodeOptions } = {}) {
    this.row = row;
    this.#child = new Child(row.file, 'server', { args: row.args, nodeOptions });
  }

  async start(load) {
    ({ port: this.#port } = await this.#child.ready);
    await this.#check(load);
    return this;
  }

  ask(what) {
    return this.#child.ask(what);
  }

  /**
   * Sends `count` requests, at most for `maxSeconds`.
   *
   * @returns requests per second, the server's CPU seconds per request, and how busy both sides were
   */
  async measure(load, job) {
    await load.ask('prepare', { ...this.#target(), kind: 'genuine', ...job });
    const before = await this.ask('usage');
    const result = await load.ask('run');
    const after = await this.ask('usage');
    const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
    return {
      ...result,
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
    return { port: this.#port, path, scheme };
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
