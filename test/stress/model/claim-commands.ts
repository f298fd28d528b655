import fc from 'fast-check';
import type { Claim, ClaimResult, DeliveryIdentity, IdempotencyStore } from 'nestjs-revrag-webhook';
import { expect } from 'vitest';
import { digest } from '../../../lib/core/common/digest.js';
import {
  CALLS,
  EMPTY,
  forget,
  lapse,
  outcomes,
  type Answer,
  type Body,
  type Op,
  type State,
} from './claim-model.js';

/** Longer than any run. */
const LONG = 600_000;
/** What is to run out at once, and how long that is waited for. */
const SHORT = 1;
const WAIT = 10;

/** All that a store may know after what was seen of it. */
export interface Model {
  states: State[];
  claims: number;
}

export const emptyModel = (): Model => ({ states: [EMPTY], claims: 0 });

export interface Real {
  /** Instances that share what they know; operations go to them in turn. */
  readonly stores: readonly IdempotencyStore[];
  /** Keeps runs apart. */
  readonly scope: string;
  readonly by: 'delivery' | 'call';
  readonly pass: (milliseconds: number) => Promise<void>;
  readonly leases: boolean;
  readonly wholeCalls: boolean;
  readonly claims: Map<number, Claim>;
  /** The greatest fence so far, by key. */
  readonly fences: Map<string, number>;
}

type Command = fc.AsyncCommand<Model, Real>;
/** An operation before it is known which claims there are: `of` is taken modulo their number. */
type Draft =
  | { do: 'claim'; body: Body; id: string; handlers: string[] }
  | { do: 'renew'; of: number }
  | { do: 'record' | 'end'; of: number; handlers: string[] };

const of = fc.nat(30);
const handlers = fc.subarray(['H.one', 'H.two', 'H.three']);

/**
 * What may arrive: the sender's own deliveries, and those of an attacker who holds each of them, and repeats
 * it under any id and, by the type, for any handlers. Bodies and their calls are all that is signed.
 */
const claimDraft = fc.record({
  do: fc.constant('claim' as const),
  body: fc.constantFrom(...(Object.keys(CALLS) as Body[])),
  id: fc.constantFrom('i1', 'i2', 'i3'),
  handlers: handlers.filter(({ length }) => length > 0),
});
const draft: fc.Arbitrary<Draft> = fc.oneof(
  { weight: 3, arbitrary: claimDraft },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('renew' as const), of }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('record', 'end'), of, handlers }) },
);

/** Operations that overlap, of one or several instances. */
class Operations implements Command {
  constructor(private readonly drafts: readonly Draft[]) {}

  check = (): boolean => true;

  async run(model: Model, real: Real): Promise<void> {
    const ops = this.drafts.flatMap(each => toOp(each, model, real));
    const known = new Map(real.fences);
    const answers = await Promise.all(ops.map((op, index) => perform(op, index, real)));
    expectGreaterFences(ops, known, real);
    advance(model, ops, answers, real.by);
  }

  toString = (): string => `at once: ${JSON.stringify(this.drafts)}`;
}

/** Time passes: the lease of one claim ends. */
class Lapse implements Command {
  constructor(private readonly of: number) {}

  check = ({ claims }: Model): boolean => claims > 0;

  async run(model: Model, real: Real): Promise<void> {
    const number = pick(this.of, model.claims);
    const claim = real.claims.get(number);
    if (!claim || !real.leases) return;
    const done = await real.stores[0]!.renew(claim, SHORT);
    await real.pass(WAIT);
    advance(model, [{ do: 'renew', of: number }], [String(done)], real.by);
    if (done) model.states = distinct(model.states.flatMap(state => lapse(state, number)));
  }

  toString = (): string => `lapse(${this.of})`;
}

/** A claim ends, and the retention of its delivery is over. */
class Forget implements Command {
  constructor(private readonly of: number) {}

  check = ({ claims }: Model): boolean => claims > 0;

  async run(model: Model, real: Real): Promise<void> {
    const number = pick(this.of, model.claims);
    const claim = real.claims.get(number);
    if (!claim) return;
    const done = await real.stores[0]!.end(claim, { handlerIds: [], retention: SHORT });
    await real.pass(WAIT);
    advance(model, [{ do: 'end', of: number, handlers: [] }], [String(done)], real.by);
    if (!done) return;
    // With the delivery its fence is forgotten; the next one comes of a later time.
    real.fences.clear();
    const states = model.states.flatMap(state => forget(state, number, real.wholeCalls));
    model.states = distinct(states);
  }

  toString = (): string => `forget(${this.of})`;
}

export const claimCommands = (): fc.Arbitrary<Iterable<Command>> =>
  fc.commands(
    [
      draft.map(each => new Operations([each])),
      claimDraft.map(each => new Operations([each])),
      fc.array(draft, { minLength: 2, maxLength: 4 }).map(each => new Operations(each)),
      of.map(each => new Lapse(each)),
      of.map(each => new Forget(each)),
    ],
    { maxCommands: 20 },
  );

function advance(
  model: Model,
  ops: readonly Op[],
  answers: readonly Answer[],
  by: Real['by'],
): void {
  const before = model.states;
  model.states = distinct(before.flatMap(state => outcomes(state, ops, answers, by)));
  const seen = JSON.stringify({ ops, answers, before: before.slice(0, 3) });
  expect(model.states, `no order explains ${seen}`).not.toHaveLength(0);
}

function toOp(each: Draft, model: Model, real: Real): Op[] {
  if (each.do === 'claim') return [{ ...each, as: (model.claims += 1) }];
  const number = pick(each.of, model.claims);
  return real.claims.has(number) ? [{ ...each, of: number }] : [];
}

async function perform(op: Op, index: number, real: Real): Promise<Answer> {
  const store = real.stores[index % real.stores.length]!;
  if (op.do === 'claim') {
    const result = await store.claim({
      identity: identityOf(op.body, op.id, real.scope),
      by: real.by,
      handlerIds: op.handlers,
      lease: LONG,
      retention: LONG,
    });
    return toAnswer(result, real, claim => real.claims.set(op.as, claim));
  }
  const claim = real.claims.get(op.of)!;
  if (op.do === 'renew') return String(await store.renew(claim, LONG));
  const progress = { handlerIds: op.handlers, retention: LONG };
  return String(await store[op.do](claim, progress));
}

const identityOf = (body: Body, id: string, scope: string): DeliveryIdentity => ({
  call: digest(scope, CALLS[body]),
  body: digest(scope, body),
  id: digest(scope, id),
});

function toAnswer(result: ClaimResult, { scope }: Real, onClaim: (claim: Claim) => void): Answer {
  if (result.status === 'in_progress') {
    expect(result.retryAfter).toBeGreaterThan(0);
    return 'in_progress';
  }
  const key = result.status === 'claimed' ? result.claim.key : result.key;
  const body = Object.keys(CALLS).find(each => digest(scope, each) === key);
  if (result.status === 'completed') return `completed ${body}`;
  onClaim(result.claim);
  return `claimed ${body} [${[...result.finished].sort().join()}]`;
}

/** Claims that overlap may come in any order, but no two have the same fence. */
function expectGreaterFences(ops: readonly Op[], known: Map<string, number>, real: Real): void {
  const seen = new Set<string>();
  for (const op of ops) {
    const claim = op.do === 'claim' ? real.claims.get(op.as) : undefined;
    if (!claim) continue;
    const { key, fence } = claim;
    expect(fence).toBeGreaterThan(known.get(key) ?? 0);
    expect(seen).not.toContain(`${key} ${fence}`);
    seen.add(`${key} ${fence}`);
    real.fences.set(key, Math.max(fence, real.fences.get(key) ?? 0));
  }
}

/** Claims are numbered from 1. */
const pick = (number: number, claims: number): number => 1 + (number % Math.max(1, claims));

const distinct = (states: readonly State[]): State[] => [
  ...new Map(states.map(state => [canonical(state), state])).values(),
];

const canonical = ({ deliveries, claims }: State): string =>
  JSON.stringify([[...deliveries].map(each => JSON.stringify(each)).sort(), claims]);
