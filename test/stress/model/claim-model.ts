/** The claim protocol as a small state machine: what a store may answer, and what it knows afterwards. */

/** Bodies are signed, so each names its call for good; ids and handlers (by the type) go with any. */
export const CALLS = { b1: 'c1', b2: 'c1', b3: 'c1', b4: 'c2' } as const;
export type Body = keyof typeof CALLS;

export type Op =
  | {
      readonly do: 'claim';
      readonly body: Body;
      readonly id: string;
      readonly handlers: readonly string[];
      readonly as: number;
    }
  | { readonly do: 'renew'; readonly of: number }
  | { readonly do: 'record' | 'end'; readonly of: number; readonly handlers: readonly string[] };

/** As text, so that answers compare by `===`. */
export type Answer = string;

interface Known {
  readonly key: Body;
  /** Bodies that the delivery came with, and ids. */
  readonly bodies: readonly string[];
  readonly ids: readonly string[];
  readonly finished: readonly string[];
  /** Number of the claim that owns it. */
  readonly owner: number | null;
  /** The owner's lease has run out. */
  readonly lapsed: boolean;
}

export interface State {
  readonly deliveries: readonly Known[];
  /** What each claim came with. */
  readonly claims: Readonly<Record<number, { readonly key: Body; readonly id: string }>>;
}

export const EMPTY: State = { deliveries: [], claims: {} };

type Step = readonly [answer: Answer, state: State];

/** What a store may do with an operation that nobody interferes with. */
export function steps(state: State, op: Op, by: 'delivery' | 'call'): Step[] {
  return op.do === 'claim' ? claim(state, op, by) : progress(state, op);
}

function claim(state: State, op: Extract<Op, { do: 'claim' }>, by: 'delivery' | 'call'): Step[] {
  const { body, id, handlers, as } = op;
  return matches(state, body, id, by).map(match => {
    const known = match ?? unknown(body);
    const seen = { bodies: union(known.bodies, [body]), ids: union(known.ids, [id]) };
    const left = handlers.filter(each => !known.finished.includes(each));
    const next = change(state, known, seen);
    if (left.length === 0) return [`completed ${known.key}`, next];
    if (known.owner !== null && !known.lapsed) return ['in_progress', next];
    const finished = handlers.filter(each => known.finished.includes(each)).sort();
    const { deliveries } = change(state, known, { ...seen, owner: as, lapsed: false });
    const claims = { ...state.claims, [as]: { key: known.key, id } };
    return [`claimed ${known.key} [${finished.join()}]`, { deliveries, claims }];
  });
}

function progress(state: State, op: Exclude<Op, { do: 'claim' }>): Step[] {
  const { key, id } = state.claims[op.of]!;
  return matches(state, key, id, 'delivery').flatMap((match): Step[] => {
    const known = match ?? unknown(key);
    const isOwner = known.owner === null || known.owner === op.of;
    const seen = { bodies: union(known.bodies, [key]), ids: union(known.ids, [id]) };
    if (op.do === 'renew') {
      if (!isOwner) {
        return [
          ['false', state],
          ['false', change(state, known, seen)],
        ];
      }
      return [['true', change(state, known, { ...seen, owner: op.of, lapsed: false })]];
    }
    const done = { ...seen, finished: union(known.finished, op.handlers) };
    if (!isOwner) return [['false', change(state, known, done)]];
    if (op.do === 'end') {
      return [['true', change(state, known, { ...done, owner: null, lapsed: false })]];
    }
    const recorded = change(state, known, done);
    // Of a claim that was lost: without a lease it is held again, else only what is done is recorded.
    const held = change(state, known, { ...done, owner: op.of });
    return known.owner === null
      ? [
          ['true', recorded],
          ['true', held],
        ]
      : [['true', recorded]];
  });
}

/** Deliveries that body and id may stand for; undefined for a new one. */
function matches(
  { deliveries }: State,
  body: Body,
  id: string,
  by: 'delivery' | 'call',
): (Known | undefined)[] {
  const ofCall = deliveries.filter(({ key }) => CALLS[key] === CALLS[body]);
  const byBytes = ofCall.filter(({ bodies }) => bodies.includes(body));
  if (byBytes.length > 0) return byBytes;
  const byId = ofCall.filter(({ ids }) => ids.includes(id));
  if (byId.length > 0) return byId;
  return by === 'call' && ofCall.length > 0 ? ofCall : [undefined];
}

const unknown = (key: Body): Known => ({
  key,
  bodies: [],
  ids: [],
  finished: [],
  owner: null,
  lapsed: false,
});

/**
 * The lease of a claim's delivery runs out, if it is still the claim's. One that was lost and written again is
 * known for as long as its lease, until something is recorded.
 */
export function lapse(state: State, of: number): State[] {
  const known = state.deliveries.find(({ owner }) => owner === of);
  if (!known) return [state];
  const lapsed = change(state, known, { lapsed: true });
  if (known.finished.length > 0) return [lapsed];
  return [lapsed, { ...state, deliveries: state.deliveries.filter(each => each !== known) }];
}

/**
 * The retention of a claim's delivery is over, now that the claim has ended.
 *
 * @param wholeCalls The store forgets the deliveries of a call together, and so none while there are others.
 */
export function forget(state: State, of: number, wholeCalls: boolean): State[] {
  const { key, id } = state.claims[of]!;
  return matches(state, key, id, 'delivery').map(match => {
    const others = state.deliveries.filter(each => each !== match);
    const hasOthers = others.some(each => CALLS[each.key] === CALLS[key]);
    return wholeCalls && hasOthers ? state : { ...state, deliveries: others };
  });
}

/**
 * What a store may know after operations that overlap and got these answers: there is an order in which
 * they could have come one after the other.
 */
export function outcomes(
  state: State,
  ops: readonly Op[],
  answers: readonly Answer[],
  by: 'delivery' | 'call',
): State[] {
  if (ops.length === 0) return [state];
  return ops.flatMap((op, index) => {
    const others = ops.filter((_, other) => other !== index);
    const otherAnswers = answers.filter((_, other) => other !== index);
    return steps(state, op, by)
      .filter(([answer]) => answer === answers[index])
      .flatMap(([, next]) => outcomes(next, others, otherAnswers, by));
  });
}

function change(state: State, known: Known, changes: Partial<Known>): State {
  const others = state.deliveries.filter(each => each !== known);
  return { ...state, deliveries: [...others, { ...known, ...changes }] };
}

const union = (a: readonly string[], b: readonly string[]): string[] =>
  [...new Set([...a, ...b])].sort();
