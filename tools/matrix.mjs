// Packs the library, builds an app with it for each cell, delivers to the app, prints a table.
//   npm run matrix                          every cell
//   npm run matrix -- --ci                  a handful, on the Node at hand
//   npm run matrix -- --only "nest 11"      cells whose name contains all of the words given
import { parseArgs } from 'node:util';
import { createBundled } from './matrix/bundled.mjs';
import { ciCompiled, everyCompiled, nameOf } from './matrix/cells.mjs';
import { createCompiled } from './matrix/compiled.mjs';
import { createFirstHour } from './matrix/first-hour.mjs';
import { createInstalled } from './matrix/installed.mjs';
import { createWorkspace } from './matrix/workspace.mjs';

const AT_A_TIME = 2;

const { values: flags } = parseArgs({
  options: { ci: { type: 'boolean' }, only: { type: 'string', default: '' } },
});
const words = flags.only.split(/\s*,\s*/);
const workspace = createWorkspace();

function cellsOf() {
  const compiled = createCompiled(workspace);
  const isInCi = ({ ci }) => !flags.ci || ci;
  const others = [
    ...createFirstHour(workspace),
    ...createBundled(workspace, compiled.build),
    ...createInstalled(workspace),
  ].filter(isInCi);
  const cells = (flags.ci ? ciCompiled() : everyCompiled()).map(columns => ({
    columns,
    name: nameOf(columns),
    check: () => compiled.check(columns),
  }));
  return [...others, ...cells].filter(({ name }) => words.every(word => name.includes(word)));
}

async function checkAll(cells) {
  const queue = [...cells];
  const work = async () => {
    for (let cell = queue.shift(); cell; cell = queue.shift()) {
      const startedAt = Date.now();
      cell.problem = await cell.check().then(
        () => undefined,
        error => error,
      );
      const took = `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
      console.log(`${cell.problem ? 'FAILED' : 'ok    '}  ${cell.name}  (${took})`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
}

function printTable(cells) {
  const table = {};
  for (const { columns, problem } of cells) {
    if (!columns) continue;
    const { nest, platform, module, compiler, runtime } = columns;
    const row = (table[`nest ${nest} ${platform} ${module}`] ??= {});
    const mark = `${runtime.replace('node ', '')} ${problem ? 'FAILED' : 'ok'}`;
    row[compiler] = row[compiler] ? `${row[compiler]}, ${mark}` : mark;
  }
  if (Object.keys(table).length > 0) console.table(table);
}

try {
  const cells = cellsOf();
  await checkAll(cells);
  const failed = cells.filter(({ problem }) => problem);
  for (const { name, problem } of failed) console.error(`\n${name}\n${problem.message}`);
  printTable(cells);
  console.log(`${cells.length - failed.length} of ${cells.length} cells work`);
  process.exitCode = failed.length > 0 || cells.length === 0 ? 1 : 0;
} finally {
  workspace.remove();
}
