import { ratio } from './support/stats.mjs';

const bySize = (list, label) => list?.find(size => size.label === label);

/** How often the library is as fast as another server, at one size; both measured in turns. */
function perSecond(results, label, ours, theirs) {
  const rows = bySize(results.throughput, label)?.rows ?? [];
  const [one, other] = [ours, theirs].map(id => rows.find(({ id: of }) => of === id));
  if (!one || !other) return undefined;
  return {
    ...ratio(one.perSecond.values, other.perSecond.values),
    // How often the library needs less of the processor: hardly moved by what else the machine does.
    cpu: ratio(other.cpuMicros.values, one.cpuMicros.values).median,
  };
}

const throughputTargets = (what, theirs, wanted, ours = 'ours') =>
  Object.entries(wanted).map(([label, target]) => ({
    figure: `requests/s against ${what}, ${label}`,
    atLeast: target,
    of: results => perSecond(results, label, ours, theirs),
  }));

/** How often as fast as the bare primitives: more is better. */
const verifyRatio = (results, label, name) => {
  const candidates = bySize(results.verify, label)?.candidates;
  return candidates && ratio(candidates[name].micros.values, candidates.ours.micros.values);
};

const verifyPeers = ['stripe', 'svix', 'standardwebhooks', 'octokit'].flatMap(name =>
  ['0.8 kB', '40 kB', '800 kB', '800 kB Hindi'].map(label => ({
    figure: `verify against ${name}, ${label}`,
    atLeast: 1,
    of: results => verifyRatio(results, label, name),
  })),
);

/** A count, which has no spread. */
const exactly = value => ({ median: value, low: value, high: value });

const refusal = (id, atMost) => ({
  figure: `CPU of refusing a ${id} 800 kB delivery, against accepting it`,
  atMost,
  of: results => results.refusals?.find(one => one.id === id)?.ratio,
});

/** The target is for a million ids; a quick run remembers fewer. */
const fewer = ({ ids }) => (ids < 1_000_000 ? `${ids.toLocaleString('en')} ids only` : undefined);

/** The targets, each with how it is read from the results. The unit is a ratio unless it says otherwise. */
export const TARGETS = [
  ...throughputTargets('a plain Nest route', 'plain', {
    '0.8 kB': 0.9,
    '40 kB': 0.85,
    '800 kB': 0.8,
    '800 kB Hindi': 1,
  }),
  ...throughputTargets('@golevelup/nestjs-stripe', 'golevelup', {
    '0.8 kB': 1,
    '40 kB': 1.4,
    '800 kB': 2.5,
  }),
  ...throughputTargets('guard + ValidationPipe', 'dto', {
    '0.8 kB': 1.5,
    '40 kB': 4,
    '800 kB': 9,
  }),
  ...throughputTargets(
    'a plain Nest route, both on Fastify',
    'fastify-plain',
    { '0.8 kB': 0.85 },
    'fastify-ours',
  ),
  ...Object.entries({ '0.8 kB': 0.8, '40 kB': 0.95 }).map(([label, atLeast]) => ({
    figure: `verify against bare HMAC and comparison, ${label}`,
    atLeast,
    of: results => verifyRatio(results, label, 'bare'),
  })),
  ...verifyPeers,
  {
    figure: 'parse + validate against JSON.parse with decoding, 800 kB',
    atMost: 1.15,
    of: results => bySize(results.parse, '800 kB')?.candidates.ours.ratio,
  },
  {
    figure: 'parse + validate against JSON.parse with decoding, 800 kB Hindi',
    atMost: 1.15,
    of: results => bySize(results.parse, '800 kB Hindi')?.candidates.ours.ratio,
  },
  refusal('forged', 0.5),
  refusal('stale', 0.1),
  refusal('malformed', 0.1),
  {
    figure: 'memory store: claim + complete, µs',
    atMost: 3,
    of: ({ store }) => store && { ...store.micros, note: fewer(store) },
  },
  {
    figure: 'memory store: bytes per remembered id',
    atMost: 300,
    of: ({ store }) => store && { ...store.bytesPerId, note: fewer(store) },
  },
  {
    figure: 'requests/s with the Redis store against the memory store, 0.8 kB',
    atLeast: 0.7,
    of: results => perSecond(results, '0.8 kB', 'redis', 'memory'),
  },
  {
    figure: 'requests/s with the PostgreSQL store against the memory store, 0.8 kB',
    atLeast: 0.6,
    of: results => perSecond(results, '0.8 kB', 'postgres', 'memory'),
  },
  {
    figure: 'requests/s with a queue on PostgreSQL against the memory store, 0.8 kB',
    atLeast: 0.4,
    of: results => perSecond(results, '0.8 kB', 'queue-postgres', 'memory'),
  },
  {
    figure: 'round trips to Redis per delivery',
    atMost: 2,
    of: ({ roundTrips }) => roundTrips && exactly(roundTrips.perDelivery),
  },
  {
    figure: 'acknowledged events/s with the queue against bare queue.add',
    atLeast: 0.7,
    of: ({ queue }) => queue?.ratio,
  },
  ...['redis', 'postgres'].map(kind => ({
    figure: `jobs handled/s against a bare BullMQ worker, ${kind === 'redis' ? 'Redis' : 'PostgreSQL'}`,
    atLeast: 0.7,
    of: ({ workers }) => workers?.find(one => one.kind === kind)?.ratio,
  })),
  {
    figure: 'peak memory over idle, in bytes in flight (200 senders of 1 MB)',
    atMost: 2.5,
    of: ({ memory }) => memory?.find(({ id }) => id === 'ours')?.timesInFlight,
  },
  {
    figure: 'boot: added to an app with 1,000 providers, ms',
    atMost: 20,
    of: ({ boot }) => boot?.added,
  },
];

/** @returns each target with what was measured and whether it is met; `met` undefined if not measured */
export function judge(results) {
  return TARGETS.map(({ figure, atLeast, atMost, of }) => {
    const measured = of(results);
    const target = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
    if (!measured) return { figure, target };
    const { median, low, high, cpu, note } = measured;
    const met = atLeast === undefined ? median <= atMost : median >= atLeast;
    return { figure, target, median, low, high, cpu, met, note };
  });
}
