import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { row } from './rows.mjs';
import { barPlot, linePlot } from './support/svg.mjs';
import { judge } from './targets.mjs';

const number = value =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
const spread = ({ median, low, high }) => `${number(median)} (${number(low)}–${number(high)})`;

const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');

function throughputTable(sizes, field) {
  const ids = [...new Set(sizes.flatMap(({ rows }) => rows.map(({ id }) => id)))];
  return table(
    ['server', ...sizes.map(({ label }) => label)],
    ids.map(id => {
      const found = sizes.map(({ rows }) => rows.find(row => row.id === id));
      return [found.find(Boolean).label, ...found.map(row => (row ? spread(row[field]) : '–'))];
    }),
  );
}

const candidatesTable = sizes =>
  table(
    ['µs', ...sizes.map(({ label }) => label)],
    Object.keys(sizes[0].candidates).map(name => [
      name,
      ...sizes.map(({ candidates }) => spread(candidates[name].micros)),
    ]),
  );

function isMet(met, note) {
  if (met === undefined) return 'not measured';
  return `${met ? 'met' : '**not met**'}${note ? `, with ${note}` : ''}`;
}

/** The share of their core that servers used at least: near 1, the server is what is measured. */
function serverShare(sizes) {
  const rows = sizes.flatMap(size => size.rows.filter(({ id }) => row(id) && !row(id).needs));
  return Math.min(...rows.map(({ serverBusy }) => serverBusy.median));
}

const sections = {
  throughput: sizes => [
    '## Requests per second',
    `Median (middle half) of repetitions that take turns. Servers without a backing server used at least ${Math.round(serverShare(sizes) * 100)} % of their core.`,
    throughputTable(sizes, 'perSecond'),
    '![Requests per second](throughput.svg)',
    '### CPU of the server per request, µs',
    throughputTable(sizes, 'cpuMicros'),
    ...notes(sizes),
  ],
  verify: sizes => ['## Checking a signature', candidatesTable(sizes)],
  parse: sizes => ['## Bytes to a validated event', candidatesTable(sizes)],
  refusals: list => [
    '## Refusing an 800 kB delivery',
    table(
      ['delivery', 'status', 'CPU of the server, µs', 'against accepting'],
      list.map(({ id, statuses, cpuMicros, ratio }) => [
        id,
        statuses.join(', '),
        spread(cpuMicros),
        spread(ratio),
      ]),
    ),
  ],
  store: ({ ids, micros, bytesPerId }) => [
    '## The memory store',
    `Claim and complete: ${spread(micros)} µs. Bytes per remembered id at ${ids.toLocaleString('en')} ids: ${spread(bytesPerId)}.`,
  ],
  memory: list => [
    '## Memory with 200 senders of 1 MB at once',
    table(
      ['server', 'idle, MB', 'peak, MB', 'over idle, in bytes in flight'],
      list.map(({ label, idle, peak, timesInFlight }) => [
        label,
        number(idle.median / 1e6),
        number(peak.median / 1e6),
        spread(timesInFlight),
      ]),
    ),
  ],
  boot: ({ providers, with: withLibrary, without, added }) => [
    `## Booting an app with ${providers.toLocaleString('en')} providers`,
    `Without the library ${spread(without)} ms, with it ${spread(withLibrary)} ms; added in pairs of runs: ${spread(added)} ms.`,
  ],
  roundTrips: ({ deliveries, perDelivery }) => [
    '## Round trips to Redis',
    `${number(perDelivery)} for each of ${deliveries} deliveries that were sent one after the other.`,
  ],
  queue: ({ acknowledged, bare, ratio }) => [
    '## Queue',
    'In one process, 32 under way: `RevragWebhookService.receive()` up to the outcome `queued`, against `queue.add` of the same jobs.',
    table(
      ['', 'events per second', 'CPU per event, µs'],
      Object.entries({ acknowledged, 'bare `queue.add`': bare }).map(([name, sample]) => [
        name,
        spread(sample.perSecond),
        spread(sample.cpuMicros),
      ]),
    ),
    `Acknowledged against bare, in pairs: ${spread(ratio)}; by CPU time ${number(ratio.cpu)}.`,
  ],
  workers: list => [
    '## Workers',
    'Jobs of 0.8 kB from the queue to the handler and its record, 32 at once, against a bare BullMQ worker that parses the same payload.',
    table(
      ['server', 'handled per second', 'bare worker', 'ratio'],
      list.map(({ kind, handled, bare, ratio }) => [
        kind === 'redis' ? 'Redis' : 'PostgreSQL',
        spread(handled),
        spread(bare),
        spread(ratio),
      ]),
    ),
  ],
  latency: list => [
    '## Small deliveries beside large ones',
    'p99 of 0.8 kB deliveries on 8 connections, in ms: alone, and while deliveries of 5 MB arrive one after the other.',
    table(
      ['server', 'alone', 'beside 5 MB'],
      list.map(({ label, alone, beside }) => [label, spread(alone), spread(beside)]),
    ),
  ],
  sizeGrowth: list => [
    '## How cost grows with size',
    table(
      ['bytes', ...Object.keys(list[0].cpuMicros).map(id => `${id}, CPU µs`)],
      list.map(({ bytes, cpuMicros }) => [
        bytes.toLocaleString('en'),
        ...Object.values(cpuMicros).map(spread),
      ]),
    ),
    '![CPU by size](growth-size.svg)',
  ],
  handlerGrowth: list => [
    '## How cost grows with handlers',
    table(
      ['handlers', 'CPU µs per 0.8 kB delivery'],
      list.map(({ handlers, cpuMicros }) => [handlers, spread(cpuMicros)]),
    ),
    '![CPU by handlers](growth-handlers.svg)',
  ],
  instanceGrowth: list => [
    '## How cost grows with instances on one Redis',
    table(
      [
        'instances',
        'requests/s in all',
        'CPU of the instances per delivery, µs',
        'CPU of Redis, µs',
      ],
      list.map(({ instances, perSecond, cpuMicros, redisCpuMicros }) => [
        instances,
        spread(perSecond),
        spread(cpuMicros),
        spread(redisCpuMicros),
      ]),
    ),
    '![Instances](growth-instances.svg)',
  ],
};

function notes(sizes) {
  const all = Object.entries(Object.assign({}, ...sizes.map(size => size.notes)));
  return all.length === 0
    ? []
    : [`Left out: ${all.map(([id, why]) => `${id} (${why})`).join('; ')}.`];
}

const point = (x, { median, low, high }) => ({ x, y: median, low, high });

const plots = {
  'throughput.svg': ({ throughput }) =>
    throughput &&
    barPlot({
      title: 'Requests per second by size of the event',
      groups: throughput.map(({ label, rows }) => ({
        name: label,
        bars: rows
          .filter(({ id }) => id !== 'null')
          .map(row => ({
            label: row.label.replaceAll('**', ''),
            value: row.perSecond.median,
            highlight: row.id.endsWith('ours'),
          })),
      })),
    }),
  'growth-size.svg': ({ sizeGrowth }) =>
    sizeGrowth &&
    linePlot({
      title: 'CPU of the server per delivery, by size',
      x: 'bytes',
      y: 'µs',
      logX: true,
      logY: true,
      series: Object.keys(sizeGrowth[0].cpuMicros).map(id => ({
        name: { floor: 'node:http floor', plain: 'plain Nest route', ours: 'this library' }[id],
        points: sizeGrowth.map(({ bytes, cpuMicros }) => point(bytes, cpuMicros[id])),
      })),
    }),
  'growth-handlers.svg': ({ handlerGrowth }) =>
    handlerGrowth &&
    linePlot({
      title: 'CPU of the server per 0.8 kB delivery, by number of handlers',
      x: 'handlers',
      y: 'µs',
      series: [
        {
          name: 'this library',
          points: handlerGrowth.map(({ handlers, cpuMicros }) => point(handlers, cpuMicros)),
        },
      ],
    }),
  'growth-instances.svg': ({ instanceGrowth }) =>
    instanceGrowth &&
    linePlot({
      title: 'CPU per 0.8 kB delivery, by instances on one Redis',
      x: 'instances',
      y: 'µs',
      series: Object.entries({ cpuMicros: 'the instances', redisCpuMicros: 'Redis' }).map(
        ([field, name]) => ({
          name,
          points: instanceGrowth.map(one => point(one.instances, one[field])),
        }),
      ),
    }),
  'growth-ids.svg': ({ store }) =>
    store &&
    linePlot({
      title: 'Memory store: claim and complete, by ids remembered',
      x: 'ids remembered',
      y: 'µs',
      series: [
        {
          name: 'blocks of 10,000',
          points: store.growth.map(({ remembered, micros }) => ({ x: remembered, y: micros })),
        },
      ],
    }),
};

/** The results as text: targets first. */
export function toMarkdown({ meta, ...results }) {
  const targets = judge(results).map(({ figure, target, median, low, high, cpu, met, note }) => [
    figure,
    target,
    median === undefined ? '–' : spread({ median, low, high }),
    cpu === undefined ? '' : number(cpu),
    isMet(met, note),
  ]);
  const parts = [
    '# Benchmark results',
    `Written by \`npm run bench${meta.quick ? ' -- --quick' : ''}\` on ${meta.date}: Node ${meta.node}, ${meta.cpu}, ${meta.cores} cores${meta.pinned ? ', server and load pinned to one each' : ''}. Nest’s logger was off in all servers.`,
    '## Targets',
    table(['figure', 'target', 'measured: median (middle half)', 'by CPU time', ''], targets),
  ];
  for (const [name, write] of Object.entries(sections)) {
    if (results[name]) parts.push(...write(results[name]));
  }
  if (results.store) parts.push('![Store by ids](growth-ids.svg)');
  return `${parts.join('\n\n')}\n`;
}

/** More digits than these say nothing. */
const brief = (_key, value) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;

/** Writes results.json, results.md and the plots. */
export function writeReport(folder, all) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(all, brief, 1)}\n`);
  writeFileSync(join(folder, 'results.md'), toMarkdown(all));
  for (const [file, draw] of Object.entries(plots)) {
    const svg = draw(all);
    if (svg) writeFileSync(join(folder, file), svg);
  }
}
