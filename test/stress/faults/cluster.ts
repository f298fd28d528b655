import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtPackage, transpile } from '../../support/built-package.js';
import { SECRET } from '../../support/app.js';
import { freePort } from '../../support/servers/server-process.js';

/** What one instance says of itself. */
export interface Vitals {
  /** Bytes in use after garbage collection. */
  readonly memory: number;
  readonly resources: readonly string[];
}

/** One process of the app. */
export class Instance {
  private child: ChildProcess | undefined;
  private errors = '';

  constructor(
    readonly port: number,
    private readonly script: string,
    private readonly env: Record<string, string>,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}/webhooks/revrag`;
  }

  /** False from the moment it is told to end, as a balancer would know it. */
  isUp = false;

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('the instance is not running');
    return this.child.pid;
  }

  /** What it wrote as warnings and errors. */
  get log(): string {
    return this.errors;
  }

  async start(): Promise<void> {
    const child = fork(this.script, {
      env: { ...process.env, ...this.env, PORT: String(this.port) },
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', chunk => (this.errors = (this.errors + String(chunk)).slice(-100_000)));
    }
    const ready = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    if (ready[0] !== 'ready') throw new Error(`an instance did not start:\n${this.errors}`);
    this.isUp = true;
  }

  /** Ends it and waits until it is gone. SIGKILL is a crash, SIGTERM a deploy. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number> {
    const { child } = this;
    if (child?.exitCode !== null || child.signalCode !== null) return 0;
    const { pid } = this;
    this.isUp = false;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
    return pid;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child?.kill(signal);
  }

  async vitals(): Promise<Vitals> {
    const answer = once(this.child!, 'message');
    this.child!.send('vitals');
    return ((await answer) as [Vitals])[0];
  }
}

/** A line of the file of effects. */
export interface Note {
  readonly what: 'start' | 'effect' | 'aborted';
  readonly handler: string;
  readonly call: string;
  readonly pid: number;
}

export const HANDLERS = ['ledger', 'crm'] as const;

/** Several instances that share a store and a file of effects. */
export class Cluster {
  private readonly folder: string;
  readonly instances: Instance[] = [];

  private constructor(store: string, lease: number, ports: readonly number[]) {
    this.folder = mkdtempSync(join(tmpdir(), 'revrag-faults-'));
    // Beside the built package, so that the app imports it by name.
    const app = fileURLToPath(new URL('./fault-app.ts', import.meta.url));
    const script = join(builtPackage(), `fault-app-${process.pid}.js`);
    if (!existsSync(script)) writeFileSync(script, transpile(app));
    const env = { SECRET, STORE: store, LEASE: String(lease), EFFECTS: this.effectsFile };
    writeFileSync(this.effectsFile, '');
    for (const port of ports) this.instances.push(new Instance(port, script, env));
  }

  /** @param lease Seconds. */
  static async start(store: string, { instances = 3, lease = 2 } = {}): Promise<Cluster> {
    const ports: number[] = [];
    while (ports.length < instances) ports.push(await freePort());
    const cluster = new Cluster(store, lease, ports);
    await Promise.all(cluster.instances.map(instance => instance.start()));
    return cluster;
  }

  private get effectsFile(): string {
    return join(this.folder, 'effects');
  }

  get notes(): Note[] {
    const lines = readFileSync(this.effectsFile, 'utf8').split('\n').filter(Boolean);
    return lines.map(line => {
      const [what, handler, call, pid] = line.split(' ') as [Note['what'], string, string, string];
      return { what, handler, call, pid: Number(pid) };
    });
  }

  /** How often each handler had its effect for each call, by `handler call`. */
  effects(): Map<string, Note[]> {
    const effects = new Map<string, Note[]>();
    for (const note of this.notes) {
      if (note.what !== 'effect') continue;
      const key = `${note.handler} ${note.call}`;
      effects.set(key, [...(effects.get(key) ?? []), note]);
    }
    return effects;
  }

  /** Any instance that a balancer would send to. */
  pick(): Instance | undefined {
    const up = this.instances.filter(({ isUp }) => isUp);
    return up[Math.floor(Math.random() * up.length)];
  }

  async dispose(): Promise<void> {
    await Promise.all(this.instances.map(instance => instance.end('SIGKILL')));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
