import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Names of all samples, such as `01-basic`. */
export const SAMPLES = readdirSync(join(root, 'sample')).sort();

/**
 * Emits the library unless `dist` is newer than its sources. Without type checks, which take most of
 * the time of `npm run build` and are the concern of those who change the library.
 */
export async function buildLibrary() {
  const inputs = ['lib', 'tsconfig.json', 'tsconfig.build.json'];
  if (!isStale('dist/index.js', inputs)) return;
  await told('Compiling the library', async () => {
    await run('typescript/bin/tsc', ['-p', 'tsconfig.build.json', '--noCheck']);
    await import('../link-self.mjs');
  });
}

/** Builds the samples whose output is older than their sources, as `nest build` does in an app. */
export async function buildSamples(names) {
  const stale = names.filter(name =>
    isStale(`sample/${name}/dist/main.js`, [`sample/${name}/src`, `sample/${name}/tsconfig.json`]),
  );
  if (stale.length === 0) return;
  const halves = [0, 1].map(half => stale.filter((_, index) => index % 2 === half));
  await told(`Compiling ${stale.join(', ')}`, () =>
    Promise.all(
      halves
        .filter(half => half.length > 0)
        .map(half => run('@nestjs/cli/bin/nest.js', ['build', ...half])),
    ),
  );
}

export const mainOf = name => join(root, 'sample', name, 'dist', 'main.js');

/** As make does it: by the times of files, and of folders, which change when a file is deleted. */
function isStale(output, inputs) {
  const path = join(root, output);
  if (!existsSync(path)) return true;
  const builtAt = statSync(path).mtimeMs;
  return inputs.some(input => newest(join(root, input)) > builtAt);
}

function newest(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map(name => newest(join(path, name))));
}

async function told(what, work) {
  const startedAt = Date.now();
  console.log(`${what} …`);
  await work();
  console.log(`  done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}

/** Runs a program of node_modules; what it prints is shown where it fails. */
async function run(program, args) {
  const path = join(root, 'node_modules', program);
  const child = spawn(process.execPath, [path, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (output += data));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${output}`);
}
