import type { Random } from './random.js';

/** In every text and every made-up key of a payload, and nowhere else: it must never come out again. */
export const CANARY = 'zqx';

const PIECES = [
  'What documents do I need?',
  'ऋण के लिए',
  '💳🏦',
  '"quoted" \\ and \u2028 broken \n lines',
  '\u0000\u0007\u001b[31m',
  '\ud800',
  '</script>',
  "'; DROP TABLE calls; --",
  '${7*7}{{7*7}}%s%n',
  'x'.repeat(300),
];
const UNKNOWN_KEYS = [
  'from_number',
  'custom_metadata',
  'constructor',
  'toString',
  'hasOwnProperty',
  'then',
  'length',
  'valueOf',
  '',
  '0',
];

export const text = (random: Random): string =>
  CANARY + (random.chance(0.4) ? random.pick(PIECES) : '') + CANARY;

const key = (random: Random): string =>
  random.chance(0.3) ? random.pick(UNKNOWN_KEYS) : `${CANARY}_${random.int(0, 999)}`;

/** Any JSON, some levels deep, without what the contract forbids. */
export function anyJson(random: Random, depth = 3): unknown {
  const kind = random.int(0, depth > 0 ? 6 : 4);
  if (kind === 0) return null;
  if (kind === 1) return random.chance(0.5);
  if (kind === 2) return random.pick([0, -0, 1.5, -7, 1e21, 5e-324, Number.MAX_VALUE, 2 ** 53 + 2]);
  if (kind < 5) return text(random);
  const count = random.int(0, 4);
  if (kind === 5) return random.times(count, () => anyJson(random, depth - 1));
  return Object.fromEntries(
    random.times(count, () => [key(random), anyJson(random, depth - 1)] as const),
  );
}

const message = (random: Random) => ({
  role: random.pick(['assistant', 'user', text(random)]),
  content: random.chance(0.1) ? '' : text(random),
  ...(random.chance(0.1) ? { [key(random)]: anyJson(random, 1) } : {}),
});

const variable = (random: Random) => ({
  key: text(random),
  ...(random.chance(0.8) ? { type: random.pick(['boolean', '', null, text(random)]) } : {}),
  value: anyJson(random, 2),
});

const time = (random: Random): string =>
  new Date(random.int(0, 4e9) * 1000)
    .toISOString()
    .replace(/\.000Z$/, random.pick(['Z', '+00:00', '.000Z', '-11:30', '.123456+05:30']));

const OPTIONAL: Readonly<Record<string, (random: Random) => unknown>> = {
  summary: text,
  start_time: time,
  end_time: time,
  duration: random => random.pick([0, 72, -1, 3.25, 1e300]),
  disconnection_reason: text,
  recording_url: text,
  app_user_id: random => (random.chance(0.1) ? '' : text(random)),
  variables_fields: random => ({ [key(random)]: anyJson(random) }),
  custom_variables: random => random.times(random.int(0, 4), () => variable(random)),
  transcription: random => ({
    messages: random.times(random.chance(0.02) ? 150 : random.int(0, 6), () => message(random)),
    ...(random.chance(0.1) ? { [key(random)]: anyJson(random, 1) } : {}),
  }),
};

/** A payload that keeps the contract, no two alike. */
export function validPayload(random: Random, index: number): Record<string, unknown> {
  const payload: Record<string, unknown> = {
    call_status: random.pick(['ENDED', 'RUNNING', text(random)]),
    call_id: `call-${index}`,
    agent_id: text(random),
  };
  for (const [field, make] of Object.entries(OPTIONAL)) {
    if (random.chance(0.6)) payload[field] = random.chance(0.15) ? null : make(random);
  }
  if (random.chance(0.05)) payload.transcription = random.pick([{}, { messages: null }]);
  for (let left = random.int(0, 2); left > 0; left -= 1) payload[key(random)] = anyJson(random);
  return payload;
}

const NO_TEXT = [5, true, [], {}, [CANARY], { [CANARY]: CANARY }];
const NO_OBJECT = [5, true, CANARY, [], [{}]];
const NO_LIST = [5, true, CANARY, {}, { length: 1 }];
const NO_TIME = [5, true, [], {}, '', CANARY, '27.5.2026', '2026-13-40T00:00:00Z', 'now', '12:00'];

/** What each field must not be. */
const WRONG: Readonly<Record<string, readonly unknown[]>> = {
  call_status: [...NO_TEXT, '', null, undefined],
  call_id: [...NO_TEXT, '', null, undefined],
  agent_id: [...NO_TEXT, '', null, undefined],
  summary: NO_TEXT,
  disconnection_reason: NO_TEXT,
  recording_url: NO_TEXT,
  app_user_id: NO_TEXT,
  start_time: NO_TIME,
  end_time: NO_TIME,
  duration: ['72', true, [], {}, [72], CANARY],
  variables_fields: NO_OBJECT,
  transcription: [
    ...NO_OBJECT,
    ...NO_LIST.map(messages => ({ messages })),
    ...[null, 5, [], CANARY, {}].map(item => ({ messages: [item] })),
    ...[...NO_TEXT, '', null].map(role => ({ messages: [{ role, content: CANARY }] })),
    ...[...NO_TEXT, null].map(content => ({ messages: [{ role: 'user', content }] })),
  ],
  custom_variables: [
    ...NO_LIST,
    ...[null, 5, [], CANARY, {}].map(item => [item]),
    ...[...NO_TEXT, '', null].map(wrong => [{ key: wrong, value: 1 }]),
    ...NO_TEXT.map(type => [{ key: CANARY, type, value: 1 }]),
  ],
};

/** Breaks the contract in one field or several. */
export function breakFields(random: Random, payload: Record<string, unknown>): void {
  for (let left = random.int(1, 3); left > 0; left -= 1) {
    const field = random.pick(Object.keys(WRONG));
    payload[field] = random.pick(WRONG[field]!);
  }
}
