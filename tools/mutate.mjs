// Changes the code of a folder, one small thing at a time, and lists the changes that no test notices: docs/mutants.md
//   npm run mutate -- lib/core/signature
//   npm run mutate -- lib/core/signature/headers.ts        one file; headers.ts:20-40 for some of its lines
//   npm run mutate -- lib/core/signature --fresh           as if it had never run
//   npm run mutate -- scripts                              the Lua of lib/redis and the SQL of lib/postgres
//   npm run mutate -- scripts postgres 64-70               of one store; of some lines, by their numbers or a part
//   npm run mutate -- --changed [branch]                   lines that differ from origin/main, or from the last commit
import { rmSync } from 'node:fs';
import { mutateChanged } from './mutate/changed.mjs';
import { mutateScripts } from './mutate/scripts.mjs';
import { LEFT_OUT, TESTS, mutate } from './mutate/stryker.mjs';

const options = process.argv.slice(2);
const paths = options.filter(option => !option.startsWith('-'));

const isWithin = (path, folder) => `${path}/`.startsWith(`${folder}/`);

/** Files with tests of their own are not mutated with their folder. */
async function mutateAll(path) {
  const file = path.replace(/:.*/, '');
  const [nearest] = Object.keys(TESTS)
    .filter(name => isWithin(file, name))
    .sort((a, b) => b.length - a.length);
  const within = Object.keys(TESTS).filter(name => name !== nearest && isWithin(name, file));
  if (!nearest && within.length === 0) {
    throw new Error(`No tests are named for ${path}. Folders: ${Object.keys(TESTS).join(', ')}`);
  }
  const others = [...within, ...LEFT_OUT.filter(name => isWithin(name, file))].map(
    name => `!${name}`,
  );
  if (nearest)
    await incrementally(nearest, [path.includes('.ts') ? path : `${path}/**/*.ts`, ...others]);
  for (const name of within) await incrementally(name, [name]);
}

function incrementally(name, files) {
  const state = `.mutants/${name.replaceAll('/', '-')}`;
  if (options.includes('--fresh')) rmSync(`${state}.json`, { force: true });
  return mutate(files, [name], {
    incremental: true,
    incrementalFile: `${state}.json`,
    reporters: ['html', 'progress-append-only', 'survivors'],
    htmlReporter: { fileName: `${state}.html` },
  });
}

if (options.includes('--changed')) {
  await mutateChanged(paths[0]);
} else if (paths[0] === 'scripts') {
  await mutateScripts(paths.slice(1));
} else if (paths.length > 0) {
  for (const path of paths) await mutateAll(path.replace(/\/$/, ''));
} else {
  throw new Error('Name a folder or a file, such as lib/core/signature');
}
