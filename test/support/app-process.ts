import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { builtPackage, transpile } from './built-package.js';

/** A Nest app in a process of its own, which may be killed and started again. */
export class AppProcess {
  private child: ChildProcess | undefined;
  private readonly file: string;
  /** How often it ended without being told to. */
  crashes = 0;
  /** Undefined while the process is not up. */
  url: string | undefined;

  /**
   * @param source A file of the test's that listens, sends its port to its parent, and ends with it.
   */
  constructor(
    source: string,
    private readonly env: Record<string, string>,
  ) {
    this.file = join(builtPackage(), basename(source).replace(/\.ts$/, `-${process.pid}.js`));
    writeFileSync(this.file, transpile(source));
  }

  /** Whether it ended by itself and was not started since. */
  get hasEnded(): boolean {
    return typeof this.child?.exitCode === 'number';
  }

  async start(): Promise<void> {
    const child = fork(this.file, { env: { ...process.env, ...this.env }, stdio: 'inherit' });
    this.child = child;
    child.once('exit', () => {
      if (this.child === child) this.crashes += 1;
    });
    const [port] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`The app ended with code ${code}`);
      }),
    ])) as [number];
    this.url = `http://127.0.0.1:${port}`;
  }

  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  terminate(): Promise<void> {
    return this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    this.url = undefined;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}
