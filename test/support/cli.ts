import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { SECRET } from './app.js';
import { builtPackage } from './built-package.js';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Environment variables; without them only the secret's is set. */
  readonly env?: Record<string, string>;
  /** Folder that the package is installed in. Default: one where all peers are there. */
  readonly installedIn?: string;
  /** Working directory. Default: one without `.env`. */
  readonly cwd?: string;
  /** For standard input. */
  readonly input?: string | Buffer;
}

/** A command that goes on until it is told to end. */
export interface RunningCli {
  readonly process: ChildProcess;
  readonly ended: Promise<CliResult>;
  stdout(): string;
  stderr(): string;
}

/** Starts the real command as a process of its own, which does not outlive the test. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const { installedIn = builtPackage() } = options;
  const main = join(installedIn, 'node_modules/nestjs-revrag-webhook/dist/cli/main.js');
  const env = options.env ?? { REVRAG_WEBHOOK_SECRET: SECRET };
  const child = spawn(process.execPath, [main, ...args], {
    cwd: options.cwd ?? installedIn,
    env: { PATH: process.env['PATH'], ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', code => resolve({ code, stdout, stderr }));
  });
  return { process: child, ended, stdout: () => stdout, stderr: () => stderr };
}

/** Runs the real command to its end. Whatever it says, it never says the secret. */
export async function runCli(args: readonly string[], options?: CliOptions): Promise<CliResult> {
  const result = await startCli(args, options).ended;
  expect(result.stdout).not.toContain(SECRET);
  expect(result.stderr).not.toContain(SECRET);
  return result;
}

/** The objects that a command wrote, one a line. */
export const jsonLines = (stdout: string): Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Record<string, unknown>);

/** Removed at the end of the run, with all others. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'revrag-cli-'));
