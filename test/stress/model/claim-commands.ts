import fc from 'fast-check';
import type { Claim, ClaimResult, IdempotencyStore } from 'nestjs-revrag-webhook';
import { expect } from 'vitest';
import { EMPTY, forget, lapse, outcomes, type Answer, type Op, type State } from './claim-model.js';

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
  readonly endpoint: string;
  readonly pass: (milliseconds: number) => Promise<void>;
  readonly speculative: boolean;
  readonly claims: Map<number, Claim>;
}

type Command = fc.AsyncCommand<Model, Real>;
/** An operation before it is known which claims there are: `of` is taken modulo their number. */
type Draft =
  | { do: 'claim'; id: string; macs: string[] }
  | { do: 'renew' | 'complete'; of: number }
  | { do: 'record' | 'release'; of: number; handlers: string[] };

const id = fc.constantFrom('a', 'b', 'c');
const of = fc.nat(30);
const handlers = fc.subarray(['H.one', 'H.two']);
const claimDraft = fc.record({
  do: fc.constant('claim' as const),
  id,
  macs: fc.shuffledSubarray(['m1', 'm2', 'm3'], { maxLength: 2 }),
});
const draft: fc.Arbitrary<Draft> = fc.oneof(
  { weight: 3, arbitrary: claimDraft },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('renew', 'complete'), of }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('record', 'release'), of, handlers }) },
);

/** Operations that overlap, of one or several instances. */
class Operations implements Command {
  constructor(private readonly drafts: readonly Draft[]) {}

  check = (): boolean => true;

  async run(model: Model, real: Real): Promise<void> {
    const ops = this.drafts.flatMap(each => toOp(each, model, real));
    const answers = await Promise.all(ops.map((op, index) => perform(op, index, real)));
    const overlap = real.speculative && ops.length > 1;
    const states = model.states.flatMap(state => outcomes(state, ops, answers, overlap));
    model.states = distinct(states);
    expect(model.states, `no order explains ${JSON.stringify({ ops, answers })}`).not.toHaveLength(
      0,
    );
  }

  toString = (): string => `at once: ${JSON.stringify(this.drafts)}`;
}

/** One claim is renewed or completed for a moment, which then passes. */
abstract class Passing implements Command {
  protected abstract readonly name: string;
  protected abstract readonly does: 'renew' | 'complete';

  constructor(protected readonly of: number) {}

  check = ({ claims }: Model): boolean => claims > 0;

  async run(model: Model, real: Real): Promise<void> {
    const number = pick(this.of, model.claims);
    const claim = real.claims.get(number);
    if (!claim) return;
    const done = await real.stores[0]![this.does](claim, SHORT);
    await real.pass(WAIT);
    const op = { do: this.does, of: number } as const;
    const states = model.states.flatMap(state => outcomes(state, [op], [String(done)], false));
    model.states = distinct(states.map(state => this.after(state, number, done)));
    expect(model.states).not.toHaveLength(0);
  }

  /** The state when the moment is over. */
  protected abstract after(state: State, number: number, done: boolean): State;

  toString = (): string => `${this.name}(${this.of})`;
}

/** Time passes: the lease of one claim ends. */
class Lapse extends Passing {
  protected readonly name = 'lapse';
  protected readonly does = 'renew';
  protected after = lapse;
}

/** A delivery is completed, and its retention is over. */
class Forget extends Passing {
  protected readonly name = 'forget';
  protected readonly does = 'complete';
  protected after = (state: State, number: number, done: boolean): State =>
    done ? forget(state, number) : state;
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

function toOp(each: Draft, model: Model, real: Real): Op[] {
  if (each.do === 'claim') return [{ ...each, as: (model.claims += 1) }];
  const number = pick(each.of, model.claims);
  return real.claims.has(number) ? [{ ...each, of: number }] : [];
}

async function perform(op: Op, index: number, real: Real): Promise<Answer> {
  const store = real.stores[index % real.stores.length]!;
  if (op.do === 'claim') {
    const { endpoint } = real;
    const request = { endpoint, id: op.id, macs: op.macs, lease: LONG, macRetention: LONG };
    return toAnswer(await store.claim(request), claim => real.claims.set(op.as, claim));
  }
  const claim = real.claims.get(op.of)!;
  switch (op.do) {
    case 'renew':
      return String(await store.renew(claim, LONG));
    case 'complete':
      return String(await store.complete(claim, LONG));
    case 'record':
      return String(await store.record(claim, op.handlers, LONG));
    case 'release':
      return String(await store.release(claim, op.handlers, LONG));
    default:
      return op satisfies never;
  }
}

function toAnswer(result: ClaimResult, onClaim: (claim: Claim) => void): Answer {
  if (result.status !== 'claimed') return `${result.status} ${result.id}`;
  onClaim(result.claim);
  return `claimed ${result.claim.id} [${[...result.finished].sort().join()}]`;
}

/** Claims are numbered from 1. */
const pick = (number: number, claims: number): number => 1 + (number % Math.max(1, claims));

function distinct(states: readonly State[]): State[] {
  return [...new Map(states.map(state => [canonical(state), state])).values()];
}

const canonical = ({ macs, deliveries, claims }: State): string =>
  JSON.stringify([macs, deliveries, claims].map(each => Object.entries(each).sort()));
