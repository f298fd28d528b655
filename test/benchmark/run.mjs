// `npm run bench`: builds the library, installs the peers if they are missing, and measures.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const path = relative => fileURLToPath(new URL(relative, import.meta.url));
const root = path('../../');

function run(command, args, options = {}) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (status !== 0) process.exit(status ?? 1);
}

const installed = path('./node_modules/.package-lock.json');
const wanted = path('./package-lock.json');
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(wanted).mtimeMs) {
  run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: path('.') });
}
run('npm', ['run', '--silent', 'build']);
run(process.execPath, [path('./measure.mjs'), ...process.argv.slice(2)]);
