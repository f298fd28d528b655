import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

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
    public env: Record<string, string>,
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

  /** How it ended, each time that nobody asked it to. */
  readonly crashes: string[] = [];

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
    child.once('exit', (code, signal) => {
      if (this.isUp && child === this.child) this.crashes.push(`ended with ${signal ?? code}`);
    });
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

  send(message: object): void {
    this.child?.send(message);
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
