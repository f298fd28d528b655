import { deepEqual, equal, ok } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Claim } from '../core/idempotency/idempotency-store.js';
import type { Case } from './idempotency-store-cases.js';
import { LONG, SHORT, shortly } from './store-probe.js';

/** What a store must do whose owners may die without it. */
export const LEASE_CASES: Readonly<Record<string, Case>> = {
  'gives the claim of an owner that died to the next, with what was recorded': async probe => {
    const identity = probe.identity('body');
    const first = await probe.claim(identity, { handlerIds: ['A', 'B'] });
    await probe.record(first, ['A']);
    equal(await probe.renew(first, SHORT), true);
    const second = await probe.claimInTheEnd(identity, { handlerIds: ['A', 'B'] });
    ok(second.fence > first.fence);
    await probe.end(second, []);
    deepEqual(await probe.finished(identity, ['A', 'B']), ['A']);
  },
  'gives each claim a greater fence, also where the clock is behind': async probe => {
    const identity = probe.identity('body');
    const ahead = Date.now() + LONG;
    const lost: Claim = { identity, key: identity.body, token: randomUUID(), fence: ahead };
    equal(await probe.end(lost, []), true);
    let last = ahead;
    for (let turn = 0; turn < 3; turn += 1) {
      const { fence } = await probe.claimInTheEnd(identity, { lease: SHORT });
      ok(fence > last);
      last = fence;
    }
  },
  'answers for how long the lease runs at most': async probe => {
    const identity = probe.identity('body');
    await probe.claim(identity, { lease: LONG });
    const result = await probe.ask(identity);
    equal(result.status, 'in_progress');
    ok(result.retryAfter <= LONG);
  },
  'keeps a claim for its lease although the retention is shorter': async probe => {
    const identity = probe.identity('body');
    await probe.claim(identity, { lease: LONG, retention: SHORT });
    await shortly();
    equal((await probe.ask(identity)).status, 'in_progress');
  },
  'renews no lease by a record': async probe => {
    const identity = probe.identity('body');
    const handlerIds = ['A', 'B'];
    const first = await probe.claim(identity, { handlerIds, lease: SHORT });
    equal(await probe.record(first, ['A']), true);
    await probe.claimInTheEnd(identity, { handlerIds });
  },
  'renews a lease': async probe => {
    const identity = probe.identity('body');
    const claim = await probe.claim(identity, { lease: SHORT, retention: SHORT });
    equal(await probe.renew(claim, LONG), true);
    await shortly();
    equal((await probe.ask(identity)).status, 'in_progress');
  },
  'lets the owner finish late if nobody else has claimed': async probe => {
    const identity = probe.identity('body');
    const claim = await probe.claim(identity, { lease: SHORT });
    await shortly();
    equal(await probe.end(claim, ['A']), true);
    equal((await probe.ask(identity)).status, 'completed');
  },
  'takes a lost claim for one that it has forgotten': async probe => {
    const brief = { lease: SHORT, retention: SHORT };
    await probe.end(await probe.claim(probe.identity('body', 'id', '1'), brief), ['A'], SHORT);
    await probe.claim(probe.identity('body', 'id', '2'), brief);
    await shortly();
    for (const call of ['1', '2']) {
      const identity = probe.identity('body', 'another id', call);
      const lost: Claim = { identity, key: identity.body, token: randomUUID(), fence: 1 };
      equal(await probe.renew(lost), true);
      equal((await probe.ask(probe.identity('body-2', 'another id', call))).status, 'in_progress');
      equal((await probe.ask(probe.identity('body-3', 'id', call))).status, 'claimed');
      equal(await probe.end(lost, ['B']), true);
      deepEqual(await probe.finished(identity, ['A', 'B']), ['B']);
    }
  },
  'lets a stale owner change no claim, and records what it did': async probe => {
    const identity = probe.identity('body');
    const stale = await probe.claim(identity, { lease: SHORT });
    const owner = await probe.claimInTheEnd(identity);
    equal(await probe.renew(stale), false);
    equal(await probe.record(stale, ['A']), false);
    equal(await probe.end(stale, ['B']), false);
    equal((await probe.ask(identity, { handlerIds: ['C'] })).status, 'in_progress');
    equal(await probe.end(owner, ['D']), true);
    deepEqual(await probe.finished(identity, ['A', 'B', 'C', 'D']), ['A', 'B', 'D']);
  },
};
