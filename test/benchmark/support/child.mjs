import { execFileSync, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout, clearTimeout } from 'node:timers';
import { fileURLToPath } from 'node:url';

const BOOT_MS = 60_000;
const ANSWER_MS = 180_000;

/** The cores that this process may use, where `taskset` tells. */
export function cores() {
  try {
    const text = execFileSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' });
    const list = text.slice(text.lastIndexOf(':') + 1).trim();
    return list.split(',').flatMap(range => {
      const [from, to = from] = range.split('-').map(Number);
      return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    });
  } catch {
    return [];
  }
}

const available = cores();
export const pinned = available.length >= 2;
export const parallelism = availableParallelism();
const others = available.filter((_, index) => index !== 1);
/** `servers`: several of one kind have all cores but the load generator's. */
const coresOf = { server: [available[0]], servers: others, load: [available[1]] };

/** Puts a process that runs already, with all its threads, on the cores of a role. */
export function pin(pid, role) {
  if (!pinned) return;
  execFileSync('taskset', ['-a', '-cp', coresOf[role].join(','), String(pid)], { stdio: 'ignore' });
}

const running = new Set();

/** A child process that answers questions over IPC; pinned to the core of its role where that can be done. */
export class Child {
  #process;
  #pending = new Map();
  #lastId = 0;
  #gone;
  ready;

  constructor(file, role, { env = {}, nodeOptions = [], args = [] } = {}) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const command = [process.execPath, ...nodeOptions, path, ...args];
    const pin = pinned ? ['taskset', '-c', coresOf[role].join(',')] : [];
    const [program, ...rest] = [...pin, ...command];
    this.#process = spawn(program, rest, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production', ...env },
    });
    running.add(this);
    this.ready = this.#boot(file);
  }

  get pid() {
    return this.#process.pid;
  }

  #boot(file) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(new Error(`${file} did not start`)), BOOT_MS);
      this.#gone = reject;
      this.#process.on('message', message => {
        if (message.ready !== undefined) {
          clearTimeout(timer);
          return resolve(message.ready);
        }
        const pending = this.#pending.get(message.id);
        this.#pending.delete(message.id);
        if (message.error) pending?.reject(new Error(message.error));
        else pending?.resolve(message.answer);
      });
      this.#process.on('exit', code => {
        clearTimeout(timer);
        running.delete(this);
        this.#fail(new Error(`${file} ended with ${code}`));
      });
      this.#process.on('error', error => this.#fail(error));
    });
  }

  #fail(error) {
    this.#gone?.(error);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  /** Asks the child to do something; rejects if it does not answer in bounded time. */
  ask(what, argument) {
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      const id = this.#lastId;
      const timer = setTimeout(() => reject(new Error(`No answer to ${what}`)), ANSWER_MS);
      const settle = how => value => {
        clearTimeout(timer);
        how(value);
      };
      this.#pending.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.#process.send({ id, ask: what, with: argument });
    });
  }

  async stop() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise(resolve => this.#process.once('exit', resolve));
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(timer);
  }
}

/** Stops every child that is left. */
export const stopAll = () => Promise.all([...running].map(child => child.stop()));
