import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtPackage, transpile } from '../../support/built-package.js';
import { SECRET } from '../../support/app.js';
import { freePort } from '../../support/servers/server-process.js';
import { Instance } from './instance.js';

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
