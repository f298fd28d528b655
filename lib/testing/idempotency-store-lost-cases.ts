import { deepEqual, equal, ok } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Claim } from '../core/idempotency/idempotency-store.js';
import type { Case } from './idempotency-store-cases.js';
import { LONG } from './store-probe.js';

/** What every store must do with a claim that it has lost, and whose owner has gone on. */
export const LOST_CASES: Readonly<Record<string, Case>> = {
  'writes a claim again that it has lost': async probe => {
    const identity = probe.identity('body');
    const lost: Claim = { identity, key: identity.body, token: randomUUID(), fence: 1 };
    equal(await probe.renew(lost), true);
    equal((await probe.ask(identity)).status, 'in_progress');
    equal(await probe.record(lost, ['B']), true);
    equal(await probe.end(lost, ['A']), true);
    equal((await probe.ask(identity, { handlerIds: ['A', 'B'] })).status, 'completed');
  },
  'records what a lost claim did': async probe => {
    const identity = probe.identity('body');
    const fence = Date.now() + LONG;
    const lost: Claim = { identity, key: identity.body, token: randomUUID(), fence };
    equal(await probe.end(lost, ['A']), true);
    equal((await probe.ask(probe.identity('body', 'another id'))).status, 'completed');
    equal((await probe.ask(probe.identity('another body'))).status, 'completed');
    ok((await probe.claim(identity, { handlerIds: ['B'] })).fence > fence);
  },
  'lets a lost claim end none where somebody has claimed its id, and records what it did':
    async probe => {
      const identity = probe.identity('body-1');
      const lost: Claim = { identity, key: identity.body, token: randomUUID(), fence: 1 };
      const owner = await probe.claim(probe.identity('body-2'));
      equal(await probe.renew(lost), false);
      equal(await probe.end(lost, ['A']), false);
      equal((await probe.ask(identity, { handlerIds: ['B'] })).status, 'in_progress');
      await probe.end(owner, []);
      deepEqual(await probe.finished(identity, ['A', 'B']), ['A']);
    },
  'knows a delivery by the body of a lost claim on it': async probe => {
    await probe.end(await probe.claim(probe.identity('body-1', 'id-1')), ['A']);
    const identity = probe.identity('body-2', 'id-1');
    const lost: Claim = { identity, key: identity.body, token: randomUUID(), fence: 1 };
    equal(await probe.end(lost, []), true);
    equal((await probe.ask(probe.identity('body-2', 'id-2'))).status, 'completed');
  },
};
