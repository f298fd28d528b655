import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtPackage, transpile } from './built-package.js';

export interface SampleProcess {
  /** Of the endpoint's server. */
  readonly url: string;
  /** Ends it at once. */
  kill(): Promise<void>;
  /** Ends it in order. */
  stop(): Promise<void>;
}

/** Compiles a sample beside the built package, so that it imports that by name. */
export function buildSample(name: string): string {
  const sources = fileURLToPath(new URL(`../../sample/${name}/src`, import.meta.url));
  const folder = mkdtempSync(join(builtPackage(), 'sample-'));
  for (const file of readdirSync(sources)) {
    writeFileSync(join(folder, file.replace(/\.ts$/, '.js')), transpile(join(sources, file)));
  }
  return join(folder, 'main.js');
}

/** Starts a built sample as a process of its own, on a free port. */
export async function startSample(
  main: string,
  env: Record<string, string>,
): Promise<SampleProcess> {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, ...env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killOnExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killOnExit);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    process.off('exit', killOnExit);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  const url = await listeningUrl(child);
  return { url, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

function listeningUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-10_000);
      const url = /Listening on (http:\/\/[\w.:]+)/.exec(output)?.[1];
      if (url) resolve(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', code => reject(new Error(`The sample ended with ${code}:\n${output}`)));
  });
}
