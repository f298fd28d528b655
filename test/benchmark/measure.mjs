// Runs the benchmark. `run.mjs` sees to it that peers and build are there first.
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compare } from './compare.mjs';
import { toMarkdown, writeReport } from './report.mjs';
import { ROWS, row } from './rows.mjs';
import { handlerGrowth, sizeGrowth } from './sections/growth.mjs';
import { memory } from './sections/memory.mjs';
import { boot, parse, store, verify } from './sections/micro.mjs';
import { instanceGrowth, queue, roundTrips, workers } from './sections/shared.mjs';
import { latency } from './sections/latency.mjs';
import { refusals } from './sections/refusals.mjs';
import { throughput } from './sections/throughput.mjs';
import { parallelism, pinned, stopAll } from './support/child.mjs';
import { SIZES } from './support/events.mjs';
import { BackingServers } from './support/backing-servers.mjs';

const SECTIONS = {
  verify,
  parse,
  store,
  boot,
  memory,
  refusals,
  throughput,
  roundTrips,
  queue,
  workers,
  latency,
  sizeGrowth,
  handlerGrowth,
  instanceGrowth,
};

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    rows: { type: 'string' },
    sizes: { type: 'string' },
    out: { type: 'string' },
    compare: { type: 'string' },
  },
});
const { quick } = options;
const here = fileURLToPath(new URL('.', import.meta.url));
const isPartial = options.rows ?? options.sizes;
const standard = isPartial
  ? join(here, 'results', 'partial')
  : quick
    ? join(here, 'results', 'quick')
    : join(here, '../../docs/benchmark');
const folder = options.out ? resolve(options.out) : standard;
const rowIds = options.rows?.split(',');
const unknownRow = rowIds?.find(id => !row(id));
if (unknownRow) throw new Error(`There is no row ${unknownRow}: ${ROWS.map(({ id }) => id)}`);
const sizes = options.sizes?.split(',') ?? SIZES.map(({ label }) => label);
const names = options.only?.split(',') ?? (isPartial ? ['throughput'] : Object.keys(SECTIONS));

const startedAt = Date.now();
const log = text => {
  process.stderr.write(
    `${String(Math.round((Date.now() - startedAt) / 1000)).padStart(5)} s  ${text}\n`,
  );
};

// A part that is measured again takes the place of what an earlier run had.
const file = join(folder, 'results.json');
const before = options.only && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
const results = { ...before };
results.meta = {
  date: new Date().toISOString().slice(0, 10),
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown processor',
  cores: parallelism,
  pinned,
  quick,
};

const backing = new BackingServers(log);
process.on('SIGINT', () => process.exit(130));
try {
  for (const name of names) {
    if (!SECTIONS[name]) throw new Error(`There is no part ${name}: ${Object.keys(SECTIONS)}`);
    results[name] = await SECTIONS[name]({ quick, log, rowIds, sizes, backing });
    writeReport(folder, results);
  }
} finally {
  await stopAll();
  await backing.stop();
}
process.stdout.write(`${toMarkdown(results)}\nWritten to ${folder}\n`);
if (options.compare) {
  process.stdout.write(compare(JSON.parse(readFileSync(options.compare, 'utf8')), results));
}
