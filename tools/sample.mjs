// Builds a sample and what it needs of the library, finds or starts the servers that it needs, and runs it.
//   npm run sample -- 04-queue           it keeps listening; 04 or queue names it as well
//   npm run sample -- 04-queue --once    it ends after its demonstration, with 0 if all went well
//   npm run sample -- --all              each sample as above, once
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SAMPLES, buildLibrary, buildSamples } from './samples/build.mjs';
import { start } from './samples/start.mjs';

const AT_A_TIME = 2;

function sampleNamed(word) {
  const found = SAMPLES.filter(
    name => word && (name === word || name.split(/-(.*)/).includes(word)),
  );
  if (found.length === 1) return found[0];
  throw new Error(`Name a sample: npm run sample -- <name> [--once]\n  ${SAMPLES.join('\n  ')}`);
}

async function runOne(word, args) {
  const name = sampleNamed(word);
  await buildLibrary();
  await buildSamples([name]);
  return start(name, args);
}

/** By its own command; what it prints is shown where it fails. */
async function runOnce(name) {
  const startedAt = Date.now();
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), name, '--once'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (output += data));
  const [code] = await once(child, 'close');
  const took = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name}  (${took} s)`);
  if (code !== 0) console.log(output);
  return code === 0;
}

async function runAll() {
  await buildLibrary();
  await buildSamples(SAMPLES);
  const queue = [...SAMPLES];
  const failed = [];
  const work = async () => {
    for (let name = queue.shift(); name; name = queue.shift()) {
      if (!(await runOnce(name))) failed.push(name);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  console.log(
    failed.length > 0 ? `Failed: ${failed.join(', ')}` : `All ${SAMPLES.length} samples work`,
  );
  return failed.length > 0 ? 1 : 0;
}

const [word, ...args] = process.argv.slice(2);
try {
  process.exitCode = word === '--all' ? await runAll() : await runOne(word, args);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
