import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SECRET } from '../../../support/app.js';
import { builtPackage, transpile } from '../../../support/built-package.js';
import { freePort } from '../../../support/servers/server-process.js';
import { Instance } from '../instance.js';
import type { ChaosAppConfig } from './app.js';
import { PATIENCE_MS } from './checker.js';
import { EffectLog, now, type Fault } from './history.js';
import type { Target } from './provider.js';

export const LEASE_MS = 2_000;
/** What a release may have; the first instance has all, so that nothing waits for a release for ever. */
export const RELEASES = [
  ['ledger', 'crm', 'audit'],
  ['ledger', 'crm'],
] as const;

/** The app's part of the configuration that depends on the servers. */
export type Wiring = Pick<ChaosAppConfig, 'store' | 'queue'>;

/** Three processes of the app, the log of their effects, and what was done to them. */
export class Scene {
  readonly faults: Fault[] = [];
  readonly hung: string[] = [];
  readonly targets: Target[] = [];
  readonly log: EffectLog;
  private readonly folder = mkdtempSync(join(tmpdir(), 'revrag-chaos-'));
  private readonly failedStarts: string[] = [];

  private constructor(private readonly wiring: Wiring) {
    writeFileSync(this.logFile, '');
    this.log = new EffectLog(this.logFile);
  }

  static async start(wiring: Wiring): Promise<Scene> {
    const scene = new Scene(wiring);
    // Beside the built package, so that the app imports it by name.
    const script = join(builtPackage(), `chaos-app-${process.pid}.js`);
    const source = fileURLToPath(new URL('./app.ts', import.meta.url));
    writeFileSync(script, transpile(source));
    const ports = new Set<number>();
    while (ports.size < 3) ports.add(await freePort());
    for (const port of ports) {
      scene.targets.push({ instance: new Instance(port, script, {}), handlers: RELEASES[0] });
    }
    await Promise.all(scene.targets.map(target => scene.boot(target, RELEASES[0])));
    return scene;
  }

  /** Starts an instance with the handlers of a release. A port that is taken for the moment is waited for. */
  async boot(target: Target, handlers: readonly string[]): Promise<void> {
    const config: ChaosAppConfig = {
      ...this.wiring,
      secret: SECRET,
      log: this.logFile,
      lease: LEASE_MS / 1_000,
      handlers,
    };
    target.handlers = handlers;
    target.instance.env = { CHAOS_APP: JSON.stringify(config) };
    for (let tries = 1; ; tries += 1) {
      try {
        return await target.instance.start();
      } catch (error) {
        const { message } = error as Error;
        if (!message.includes('EADDRINUSE')) this.failedStarts.push(message);
        if (tries === 10) throw error;
        await delay(500);
      }
    }
  }

  /** Ends an instance as a deploy does. One that does not end is killed, and that is a finding. */
  async shutDown({ instance }: Target): Promise<void> {
    const { pid } = instance;
    const ended = instance.end('SIGTERM');
    const timer = setTimeout(() => {
      this.hung.push(`process ${pid} did not end after SIGTERM`);
      process.kill(pid, 'SIGKILL');
    }, PATIENCE_MS);
    await ended;
    clearTimeout(timer);
    this.faults.push({ kind: 'exit', pid, at: now(), isCrash: false });
  }

  /** How processes ended by themselves, did not start, and what they wrote of leaks and errors nobody caught. */
  get crashes(): string[] {
    const logs = this.targets.flatMap(({ instance }) => {
      const warning = /.*(MaxListenersExceeded|Unhandled|uncaught).*/i.exec(instance.log);
      return [...instance.crashes, ...(warning ? [warning[0]] : [])];
    });
    return [...this.failedStarts, ...logs];
  }

  async dispose(): Promise<void> {
    await Promise.all(this.targets.map(({ instance }) => instance.end('SIGKILL')));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get logFile(): string {
    return join(this.folder, 'effects');
  }
}
