// Runs all that has to hold beside the tests, two at a time; what a check prints is shown where it fails.
//   npm run check
//   npm run check -- lint docs     these only
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const AT_A_TIME = 2;

/** Scripts of package.json. The first ones need no build; the others use what `build` writes. */
const STAGES = [
  ['lint', 'typecheck', 'format:check', 'check:docs', 'check:api', 'docs', 'check:monitoring'],
  ['build'],
  ['check:package', 'samples'],
];

const wanted = process.argv.slice(2);
const failed = [];

async function check(script) {
  const startedAt = Date.now();
  // npm's own command, as it is found on every platform.
  const child = spawn(process.execPath, [process.env.npm_execpath, 'run', '--silent', script], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (output += data));
  const [code] = await once(child, 'close');
  const took = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${script}  (${took} s)`);
  if (code === 0) return;
  console.log(output);
  failed.push(script);
}

if (!process.env.npm_execpath) throw new Error('Start it by npm: npm run check');
for (const stage of STAGES) {
  const queue = stage.filter(script => wanted.length === 0 || wanted.includes(script));
  const work = async () => {
    for (let script = queue.shift(); script; script = queue.shift()) await check(script);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
}
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
