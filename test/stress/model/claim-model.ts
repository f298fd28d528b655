/** The claim protocol as a small state machine: what a store may answer, and what it knows afterwards. */

export type Op =
  | {
      readonly do: 'claim';
      readonly id: string;
      readonly macs: readonly string[];
      readonly as: number;
    }
  | { readonly do: 'renew' | 'complete'; readonly of: number }
  | {
      readonly do: 'record' | 'release';
      readonly of: number;
      readonly handlers: readonly string[];
    };

/** As text, so that answers compare by `===`. */
export type Answer = string;

interface Known {
  readonly completed: boolean;
  /** Number of the claim that owns it. */
  readonly owner: number | null;
  /** The owner's lease has run out. */
  readonly lapsed: boolean;
  readonly finished: readonly string[];
}

export interface State {
  /** First ids by MAC. */
  readonly macs: Readonly<Record<string, string>>;
  readonly deliveries: Readonly<Record<string, Known>>;
  /** What each claim is on. */
  readonly claims: Readonly<Record<number, string>>;
}

export const EMPTY: State = { macs: {}, deliveries: {}, claims: {} };

const UNKNOWN: Known = { completed: false, owner: null, lapsed: false, finished: [] };

type Step = readonly [answer: Answer, state: State];

/** What a store does with an operation that nobody interferes with. */
export function step(state: State, op: Op): Step {
  if (op.do === 'claim') return claim(state, op);
  const id = state.claims[op.of];
  const known = id === undefined ? undefined : state.deliveries[id];
  if (id === undefined || known?.owner !== op.of) return ['false', state];
  switch (op.do) {
    case 'renew':
      return ['true', change(state, id, { lapsed: false })];
    case 'record':
      return ['true', change(state, id, { finished: union(known.finished, op.handlers) })];
    case 'release':
      return [
        'true',
        change(state, id, { ...UNKNOWN, finished: union(known.finished, op.handlers) }),
      ];
    case 'complete':
      return ['true', change(state, id, { ...UNKNOWN, completed: true })];
    default:
      return op satisfies never;
  }
}

function claim(before: State, op: Extract<Op, { do: 'claim' }>): Step {
  const [id, state] = firstId(before, op);
  const known = state.deliveries[id] ?? UNKNOWN;
  if (known.completed) return [`completed ${id}`, state];
  if (known.owner !== null && !known.lapsed) return [`in_progress ${id}`, state];
  const claimed = change(state, id, { owner: op.as, lapsed: false });
  return [
    `claimed ${id} [${[...known.finished].join()}]`,
    { ...claimed, claims: { ...claimed.claims, [op.as]: id } },
  ];
}

function firstId(
  state: State,
  { id, macs }: Extract<Op, { do: 'claim' }>,
): [id: string, state: State] {
  const seen = macs.find(mac => mac in state.macs);
  const first = seen === undefined ? id : state.macs[seen]!;
  const added = Object.fromEntries(macs.map(mac => [mac, first]));
  return [first, { ...state, macs: { ...added, ...state.macs } }];
}

/** The lease of a claim's delivery runs out, if it is still the claim's. */
export function lapse(state: State, of: number): State {
  const id = state.claims[of];
  if (id === undefined || state.deliveries[id]?.owner !== of) return state;
  return change(state, id, { lapsed: true });
}

/** What is known of a claim's delivery is forgotten. */
export function forget(state: State, of: number): State {
  return change(state, state.claims[of]!, UNKNOWN);
}

/**
 * What a store may know after operations that overlap and got these answers: there is an order in which
 * they could have come one after the other.
 *
 * @param speculative The store tries the id of a claim before it knows the first id of its MACs. Who comes
 *   meanwhile may be refused, as if the claim were made.
 */
export function outcomes(
  state: State,
  ops: readonly Op[],
  answers: readonly Answer[],
  speculative: boolean,
): State[] {
  if (ops.length === 0) return [state];
  return ops.flatMap((op, index) => {
    const others = ops.filter((_, other) => other !== index);
    const otherAnswers = answers.filter((_, other) => other !== index);
    const steps = [step(state, op), ...(speculative ? refusals(state, op) : [])];
    return steps
      .filter(([answer]) => answer === answers[index])
      .flatMap(([, next]) => outcomes(next, others, otherAnswers, speculative));
  });
}

function refusals(state: State, op: Op): Step[] {
  if (op.do !== 'claim') return [['false', state]];
  const [id, next] = firstId(state, op);
  return [[`in_progress ${id}`, next]];
}

function change(state: State, id: string, changes: Partial<Known>): State {
  const known = { ...(state.deliveries[id] ?? UNKNOWN), ...changes };
  return { ...state, deliveries: { ...state.deliveries, [id]: known } };
}

const union = (a: readonly string[], b: readonly string[]): string[] =>
  [...new Set([...a, ...b])].sort();
