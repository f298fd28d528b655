// A folder for the apps of one run.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const INSTALL_SECONDS = 300;
const PACK_SECONDS = 300;

/** Calls `make` once for each key, however often it is asked for. */
export function once(make) {
  const made = new Map();
  return (...key) => {
    const id = key.join();
    if (!made.has(id)) made.set(id, make(...key));
    return made.get(id);
  };
}

export function createWorkspace() {
  const folder = mkdtempSync(join(tmpdir(), 'revrag-matrix-'));
  const at = (...path) => join(folder, ...path);

  function write(path, content) {
    mkdirSync(at(path, '..'), { recursive: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
    writeFileSync(at(path), text);
  }

  /** With npm, in a folder whose package.json is written here or is there already. */
  async function install(path, manifest) {
    if (manifest) write(`${path}/package.json`, { private: true, ...manifest });
    const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel', 'error'];
    await run('npm', args, { cwd: at(path), seconds: INSTALL_SECONDS });
  }

  /** One package, in a folder of its own. Resolves to the package's folder. */
  const tool = once(async (name, range) => {
    const path = `tools/${name.replace('/', '-')}-${range.replace(/\W/g, '')}`;
    await install(path, { dependencies: { [name]: range } });
    return at(path, 'node_modules', name);
  });

  /** The library as it would be published. */
  const pack = once(async () => {
    const args = ['pack', '--json', '--silent', '--pack-destination', folder];
    const output = await run('npm', args, { cwd: ROOT, seconds: PACK_SECONDS });
    return at(/"filename": "(.*)"/.exec(output)[1]);
  });

  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { at, write, install, tool, pack, remove };
}
