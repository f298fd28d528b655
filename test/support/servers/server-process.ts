import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Launcher } from './launcher.js';

const START_TRIES = 5;
const START_TIMEOUT_MS = 60_000;

export interface ServerSpec {
  readonly program: string;
  readonly args: readonly string[];
  /** Printed when the server takes connections. */
  readonly ready: RegExp;
  /** Asks for an orderly end at once. */
  readonly stopSignal: NodeJS.Signals;
}

/** A folder for a server's data, owned by the user that the server runs as. */
export function dataFolder(launcher: Launcher, name: string, parent = tmpdir()): string {
  const folder = mkdtempSync(join(parent, `revrag-${name}-`));
  if (launcher.user) chownSync(folder, launcher.user.uid, launcher.user.gid);
  return folder;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs one of the launcher's programs to its end. */
export async function runProgram(
  launcher: Launcher,
  program: string,
  args: readonly string[],
  folder: string,
): Promise<void> {
  const { command, argv } = commandLine(launcher, program, args, folder);
  await promisify(execFile)(command, argv, { cwd: folder, ...userOf(launcher) });
}

/** One server: its process is started anew by each `start()`, its data stays until `dispose()`. */
export class ServerProcess {
  private child: ChildProcess | undefined;
  private container: string | undefined;
  private output = '';
  private readonly killOnExit = (): void => this.signal('SIGKILL');

  constructor(
    private readonly launcher: Launcher,
    private readonly spec: ServerSpec,
    private readonly folder: string,
  ) {}

  /** Of the server; in a container, of the engine's client. */
  get pid(): number {
    if (this.child?.pid === undefined) throw new Error(`${this.spec.program} is not running`);
    return this.child.pid;
  }

  get hasEnded(): boolean {
    return !this.child || !isRunning(this.child);
  }

  async start(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      if (await this.tryStart()) return;
      // What a killed server leaves behind, such as children and shared memory, may take a moment to go.
      if (tries === START_TRIES) {
        throw new Error(`${this.spec.program} did not start:\n${this.output}`);
      }
      await new Promise(resolve => setTimeout(resolve, 200 * tries));
    }
  }

  /** An orderly end; the data stays. */
  stop(): Promise<void> {
    return this.end(this.spec.stopSignal);
  }

  /** As a crash of the machine: the processes that the server has started end with it. */
  async kill(): Promise<void> {
    const { child } = this;
    if (this.launcher.kind === 'binary' && child?.pid !== undefined && isRunning(child)) {
      // It must not replace them, and a worker of its own may answer for a moment after its end.
      child.kill('SIGSTOP');
      for (const pid of childrenOf(child.pid)) end(pid);
    }
    await this.end('SIGKILL');
  }

  /** The server stands still, its connections stay open. */
  pause(): void {
    this.signal('SIGSTOP');
  }

  resume(): void {
    this.signal('SIGCONT');
  }

  async dispose(): Promise<void> {
    this.resume();
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  private async tryStart(): Promise<boolean> {
    this.container = `revrag-${randomUUID()}`;
    const { program, args, ready } = this.spec;
    const { command, argv } = commandLine(
      this.launcher,
      program,
      args,
      this.folder,
      this.container,
    );
    const child = spawn(command, argv, {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...userOf(this.launcher),
    });
    this.child = child;
    this.output = '';
    process.once('exit', this.killOnExit);
    const isReady = await new Promise<boolean>(resolve => {
      const timer = setTimeout(() => resolve(false), START_TIMEOUT_MS);
      const settle = (value: boolean): void => {
        clearTimeout(timer);
        resolve(value);
      };
      const read = (chunk: Buffer): void => {
        // Kept for an error message, and only until the server is up.
        this.output = (this.output + chunk.toString()).slice(-10_000);
        if (ready.test(this.output)) settle(true);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('error', () => settle(false));
      child.once('exit', () => settle(false));
    });
    if (!isReady) await this.kill();
    return isReady;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child) return;
    this.child = undefined;
    process.off('exit', this.killOnExit);
    if (child.pid === undefined || !isRunning(child)) return;
    const exited = once(child, 'exit');
    this.signal(signal, child);
    await exited;
  }

  private signal(signal: NodeJS.Signals, child = this.child): void {
    if (this.launcher.kind === 'container' && child) {
      // A signal to the engine's client may not reach the server.
      execFileSync('docker', ['kill', `--signal=${signal}`, this.container as string]);
    } else {
      child?.kill(signal);
    }
  }
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode === null && signalCode === null;

/** None where the system does not list them. */
function childrenOf(pid: number): number[] {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return list.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function commandLine(
  launcher: Launcher,
  program: string,
  args: readonly string[],
  folder: string,
  name = `revrag-${randomUUID()}`,
): { command: string; argv: string[] } {
  if (launcher.kind === 'binary') {
    return { command: launcher.programs[program] as string, argv: [...args] };
  }
  const { uid = process.getuid?.(), gid = process.getgid?.() } = launcher.user ?? {};
  const run = ['run', '--rm', '--name', name, '--network', 'host', '--user', `${uid}:${gid}`];
  const mount = ['--volume', `${folder}:${folder}`, '--entrypoint', program];
  return { command: 'docker', argv: [...run, ...mount, launcher.image, ...args] };
}

const userOf = (launcher: Launcher): { uid?: number; gid?: number } =>
  launcher.kind === 'binary' ? (launcher.user ?? {}) : {};
