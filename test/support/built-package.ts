import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const self = fileURLToPath(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));
/** In node_modules, so that what is built finds the peers as an installed package does. */
const cache = join(root, 'node_modules', '.cache', 'nestjs-revrag-webhook');
const DAY_MS = 86_400_000;

/**
 * A folder in which this package, as its sources are now, is installed as a dependency: for tests
 * that start processes of their own. Emitted file by file, which takes a second rather than the ten
 * of a build, and only where the sources have changed.
 */
export function builtPackage(): string {
  const sources = list(join(root, 'lib'));
  const hash = createHash('sha256').update(ts.version);
  for (const path of [
    ...sources,
    ...['package.json', 'tsconfig.json'].map(name => join(root, name)),
    self,
  ]) {
    hash.update(relative(root, path)).update(readFileSync(path));
  }
  const folder = join(cache, hash.digest('hex').slice(0, 16));
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  dropOld();
  const draft = mkdtempSync(join(cache, 'draft-'));
  const target = join(draft, 'node_modules', 'nestjs-revrag-webhook');
  for (const path of sources) {
    const name = relative(join(root, 'lib'), path).replace(/\.ts$/, '.js');
    write(join(target, 'dist', name), transpile(path));
  }
  write(join(target, 'package.json'), readFileSync(join(root, 'package.json'), 'utf8'));
  write(join(draft, 'package.json'), '{ "type": "module" }');
  try {
    renameSync(draft, folder);
  } catch (error) {
    // Another worker was faster.
    if (!existsSync(folder)) throw error;
    rmSync(draft, { recursive: true });
  }
  return folder;
}

/** A TypeScript file as the compiler emits it with the project's options. */
export function transpile(path: string): string {
  const file = join(root, 'tsconfig.json');
  const read = ts.readConfigFile(file, name => ts.sys.readFile(name)) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, root);
  return ts.transpileModule(readFileSync(path, 'utf8'), {
    fileName: path,
    // A file alone does not tell that its package is ESM.
    compilerOptions: { ...options, paths: {}, module: ts.ModuleKind.ES2022 },
  }).outputText;
}

function list(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter(name => name.endsWith('.ts'))
    .sort()
    .map(name => join(folder, name));
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function dropOld(): void {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (Date.now() - statSync(path).mtimeMs > DAY_MS)
      rmSync(path, { recursive: true, force: true });
  }
}
