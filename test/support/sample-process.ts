import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { builtPackage } from './built-package.js';

export interface SampleProcess {
  /** Of the endpoint's server. */
  readonly url: string;
  /** Ends it at once. */
  kill(): Promise<void>;
  /** Ends it in order. */
  stop(): Promise<void>;
}

/**
 * Compiles a sample as `nest build` does, with all types at hand: what decorators tell of a
 * constructor's parameters depends on them. Beside the built package, so that it imports that by name.
 */
export function buildSample(name: string): string {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const sample = join(root, 'sample', name);
  const read = (path: string): ts.CompilerOptions => {
    const { config } = ts.readConfigFile(path, file => ts.sys.readFile(file)) as {
      config: unknown;
    };
    return ts.parseJsonConfigFileContent(config, ts.sys, dirname(path)).options;
  };
  const outDir = mkdtempSync(join(builtPackage(), 'sample-'));
  const options = {
    ...read(join(sample, 'tsconfig.json')),
    // The library's sources stand for the declarations that a build would have made of them.
    paths: read(join(root, 'tsconfig.json')).paths,
    rootDir: root,
  };
  const main = join(sample, 'src', 'main.ts');
  const program = ts.createProgram([main], options);
  for (const file of program.getSourceFiles()) {
    if (!file.fileName.startsWith(sample)) continue;
    const diagnostics = program.getSemanticDiagnostics(file);
    if (diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, FORMAT));
    program.emit(file, (path, text) => writeFileSync(join(outDir, basename(path)), text));
  }
  return join(outDir, 'main.js');
}

const FORMAT: ts.FormatDiagnosticsHost = {
  getCurrentDirectory: () => '',
  getCanonicalFileName: path => path,
  getNewLine: () => '\n',
};

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
