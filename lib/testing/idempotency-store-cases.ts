import { deepEqual, equal, ok } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Claim, DeliveryIdentity } from '../core/idempotency/idempotency-store.js';
import { SHORT, shortly, type StoreProbe } from './store-probe.js';

export type Case = (probe: StoreProbe) => Promise<void>;

/** What every store must do. */
export const CASES: Readonly<Record<string, Case>> = {
  'gives a new delivery to the first who asks': async probe => {
    const identity = probe.identity('body');
    const result = await probe.ask(identity);
    equal(result.status, 'claimed');
    const { claim, finished } = result;
    deepEqual(finished, []);
    equal(claim.key, identity.body);
    deepEqual(claim.identity, identity);
  },
  'answers others that it is in progress': async probe => {
    const identity = probe.identity('body');
    await probe.claim(identity);
    const result = await probe.ask(identity);
    equal(result.status, 'in_progress');
    ok(result.retryAfter > 0);
  },
  'gives a delivery to one of many who ask at once': async probe => {
    const asked = Array.from({ length: 50 }, () => probe.ask(probe.identity('body')));
    const results = await Promise.all(asked);
    equal(results.filter(({ status }) => status === 'claimed').length, 1);
    equal(results.filter(({ status }) => status === 'in_progress').length, 49);
  },
  'gives the same bytes to one of many who ask at once under ids of their own': async probe => {
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) => probe.ask(probe.identity('body', `id-${index}`))),
    );
    equal(results.filter(({ status }) => status === 'claimed').length, 1);
  },
  'gives one id and call to one of many who ask at once with bodies of their own': async probe => {
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) => probe.ask(probe.identity(`body-${index}`))),
    );
    equal(results.filter(({ status }) => status === 'claimed').length, 1);
  },
  'gives each claim a token of its own': async probe => {
    const tokens = new Set<string>();
    for (const call of ['a', 'b', 'c']) {
      tokens.add((await probe.claim(probe.identity('body', 'id', call))).token);
    }
    equal(tokens.size, 3);
  },
  'gives each claim on a delivery a greater fence': async probe => {
    const identity = probe.identity('body');
    let last = 0;
    for (let turn = 0; turn < 5; turn += 1) {
      const claim = await probe.claim(identity);
      ok(claim.fence > last && Number.isSafeInteger(claim.fence));
      last = claim.fence;
      await probe.end(claim, []);
    }
  },
  'knows a delivery as completed if no handler of the request is left': async probe => {
    const identity = probe.identity('body');
    const handlerIds = ['A', 'B'];
    equal(await probe.end(await probe.claim(identity, { handlerIds }), handlerIds), true);
    const completed = { status: 'completed', key: identity.body };
    deepEqual(await probe.ask(identity, { handlerIds }), completed);
    deepEqual(await probe.ask(identity, { handlerIds: ['B'] }), completed);
  },
  'gives the claim again for a handler that has not finished': async probe => {
    const identity = probe.identity('body');
    await probe.end(await probe.claim(identity), ['A']);
    const result = await probe.ask(identity, { handlerIds: ['A', 'B'] });
    equal(result.status, 'claimed');
    deepEqual(result.finished, ['A']);
  },
  'answers that it is completed while somebody else runs what is left': async probe => {
    const identity = probe.identity('body');
    await probe.end(await probe.claim(identity), ['A']);
    await probe.claim(identity, { handlerIds: ['A', 'B'] });
    equal((await probe.ask(identity)).status, 'completed');
    equal((await probe.ask(identity, { handlerIds: ['B'] })).status, 'in_progress');
  },
  'adds what finishes to what had finished': async probe => {
    const identity = probe.identity('body');
    const handlerIds = ['A', 'B', 'C', 'D'];
    const first = await probe.claim(identity, { handlerIds });
    equal(await probe.record(first, ['B']), true);
    equal((await probe.ask(identity, { handlerIds })).status, 'in_progress');
    equal(await probe.record(first, ['A', 'B']), true);
    equal(await probe.end(first, ['C']), true);
    deepEqual(await probe.finished(identity, handlerIds), ['A', 'B', 'C']);
    const completed = await probe.ask(identity, { handlerIds: ['A', 'B', 'C'] });
    equal(completed.status, 'completed');
    equal(await probe.end({ ...first, token: randomUUID() }, ['D']), true);
    deepEqual(await probe.finished(identity, handlerIds), handlerIds);
  },
  'gives what was recorded to the next, and nothing that was not': async probe => {
    const identity = probe.identity('body');
    const first = await probe.claim(identity, { handlerIds: ['A', 'B'] });
    equal(await probe.end(first, []), true);
    deepEqual(await probe.finished(identity, ['A', 'B']), []);
  },
  'takes many handlers and ids of any form': async probe => {
    const identity = probe.identity('body');
    const handlerIds = [
      'Class.method@"token"',
      'ünïcode,{}',
      'a b',
      '',
      "'; --",
      '*',
      '\0',
      'a\nb',
    ];
    for (let index = 0; index < 50; index += 1) handlerIds.push(`Handler.number${index}`);
    await probe.end(await probe.claim(identity, { handlerIds }), handlerIds);
    deepEqual(await probe.finished(identity, handlerIds), [...handlerIds].sort());
    equal((await probe.ask(identity, { handlerIds: ['Handler.number'] })).status, 'claimed');
  },
  'knows the same bytes under another id': async probe => {
    const first = await probe.claim(probe.identity('body', 'id-1'));
    const again = probe.identity('body', 'id-2');
    equal((await probe.ask(again)).status, 'in_progress');
    await probe.end(first, ['A']);
    deepEqual(await probe.ask(again), { status: 'completed', key: first.key });
  },
  'knows the same id and call with other bytes, and those bytes from then on': async probe => {
    const first = await probe.claim(probe.identity('body-1', 'id-1'));
    equal((await probe.ask(probe.identity('body-2', 'id-1'))).status, 'in_progress');
    await probe.end(first, ['A']);
    const completed = { status: 'completed', key: first.key };
    deepEqual(await probe.ask(probe.identity('body-2', 'id-1')), completed);
    deepEqual(await probe.ask(probe.identity('body-2', 'id-3')), completed);
  },
  'knows a delivery by every id that its bytes came with': async probe => {
    const first = await probe.claim(probe.identity('body-1', 'id-1'));
    equal((await probe.ask(probe.identity('body-1', 'id-2'))).status, 'in_progress');
    await probe.end(first, ['A']);
    equal((await probe.ask(probe.identity('body-2', 'id-2'))).status, 'completed');
    await probe.claim(probe.identity('body-1', 'id-3'), { handlerIds: ['B'] });
    const left = { handlerIds: ['B'] };
    equal((await probe.ask(probe.identity('body-3', 'id-3'), left)).status, 'in_progress');
  },
  'goes by the bytes where bytes and id name two deliveries of a call': async probe => {
    await probe.end(await probe.claim(probe.identity('body-1', 'id-1')), ['A']);
    const second = await probe.claim(probe.identity('body-2', 'id-2'));
    await probe.end(second, []);
    equal((await probe.ask(probe.identity('body-1', 'id-2'))).status, 'completed');
    equal((await probe.ask(probe.identity('body-2', 'id-1'))).status, 'claimed');
  },
  'goes by further bytes before the id': async probe => {
    await probe.end(await probe.claim(probe.identity('body-1', 'id-1')), ['A']);
    const second = await probe.claim(probe.identity('body-2', 'id-2'));
    equal((await probe.ask(probe.identity('body-3', 'id-1'))).status, 'completed');
    equal((await probe.ask(probe.identity('body-3', 'id-2'))).status, 'completed');
    await probe.end(second, []);
  },
  'keeps the same id of another call apart': async probe => {
    await probe.end(await probe.claim(probe.identity('body-1', 'id', 'call-1')), ['A']);
    equal((await probe.ask(probe.identity('body-2', 'id', 'call-2'))).status, 'claimed');
  },
  'keeps the same bytes of another call apart, claims included': async probe => {
    const [one, two] = [1, 2].map(n => probe.identity('body', `id-${n}`, `call-${n}`)) as [
      DeliveryIdentity,
      DeliveryIdentity,
    ];
    const second = await probe.claim(two);
    await probe.end(await probe.claim(one), ['A']);
    const first = await probe.claim(one, { handlerIds: ['A', 'B'] });
    equal((await probe.ask(probe.identity('body', 'id-3', 'call-1'))).status, 'completed');
    equal((await probe.ask(probe.identity('body-2', 'id-2', 'call-2'))).status, 'in_progress');
    equal(await probe.record(second, ['C']), true);
    equal(await probe.end(first, ['B']), true);
    equal(await probe.end(second, []), true);
    deepEqual(await probe.finished(one, ['A', 'B', 'C']), ['A', 'B']);
    deepEqual(await probe.finished(two, ['A', 'B', 'C']), ['C']);
  },
  'keeps deliveries of one call apart, claims included': async probe => {
    const first = await probe.claim(probe.identity('body-1', 'id-1'));
    const second = await probe.claim(probe.identity('body-2', 'id-2'));
    await probe.end(second, ['A']);
    equal((await probe.ask(probe.identity('body-1', 'id-1'))).status, 'in_progress');
    await probe.end(first, []);
    equal((await probe.ask(probe.identity('body-1', 'id-1'))).status, 'claimed');
    equal((await probe.ask(probe.identity('body-2', 'id-2'))).status, 'completed');
  },
  'knows a call by itself if asked to': async probe => {
    const by = 'call';
    const first = await probe.claim(probe.identity('body-1', 'id-1'), { by });
    equal((await probe.ask(probe.identity('body-2', 'id-2'), { by })).status, 'in_progress');
    await probe.end(first, ['A']);
    const other = probe.identity('body-3', 'id-3');
    deepEqual(await probe.ask(other, { by }), { status: 'completed', key: first.key });
    equal((await probe.ask(probe.identity('body-4', 'id-4', 'call-2'), { by })).status, 'claimed');
  },
  'bounds the names that it keeps for one delivery': async probe => {
    const first = await probe.claim(probe.identity('body', 'id-0'));
    await probe.end(first, ['A']);
    for (let index = 1; index <= 100; index += 1) {
      equal((await probe.ask(probe.identity('body', `id-${index}`))).status, 'completed');
    }
    equal((await probe.ask(probe.identity('body-2', 'id-0'))).status, 'completed');
  },
  'bounds the names of each delivery of a call by itself': async probe => {
    const replay = async (name: string): Promise<void> => {
      for (let index = 0; index < 50; index += 1) {
        await probe.ask(probe.identity('body-1', `${name}-${index}`));
      }
    };
    const first = await probe.claim(probe.identity('body-1', 'id-1'));
    await replay('before');
    const second = await probe.claim(probe.identity('body-2', 'id-2'));
    await replay('after');
    await probe.end(second, ['A']);
    equal((await probe.ask(probe.identity('body-3', 'id-2'))).status, 'completed');
    equal((await probe.ask(probe.identity('body-4', 'id-1'))).status, 'in_progress');
    await probe.end(first, []);
  },
  'goes by the bytes, then by the id, if it is asked to know a call by itself': async probe => {
    const by = 'call';
    await probe.end(await probe.claim(probe.identity('body-1', 'id-1')), ['A']);
    await probe.end(await probe.claim(probe.identity('body-2', 'id-2')), ['B']);
    const handlerIds = ['A', 'B', 'C'];
    for (const [body, id, finished] of [
      ['body-1', 'id-3', 'A'],
      ['body-2', 'id-3', 'B'],
      ['body-3', 'id-1', 'A'],
      ['body-4', 'id-2', 'B'],
    ] as const) {
      const result = await probe.ask(probe.identity(body, id), { by, handlerIds });
      equal(result.status, 'claimed');
      deepEqual(result.finished, [finished]);
      await probe.end(result.claim, []);
    }
  },
  'remembers a delivery although it forgets another of its call sooner': async probe => {
    await probe.end(await probe.claim(probe.identity('body-1', 'id-1')), ['A']);
    const second = probe.identity('body-2', 'id-2');
    await probe.end(await probe.claim(second, { retention: SHORT, lease: SHORT }), ['A'], SHORT);
    await shortly();
    equal((await probe.ask(probe.identity('body-1', 'id-1'))).status, 'completed');
  },
  'forgets after retention': async probe => {
    const identity = probe.identity('body');
    const claim = await probe.claim(identity, { retention: SHORT });
    await probe.end(claim, ['A'], SHORT);
    const renamed = probe.identity('body', 'another id');
    const again = await probe.claimInTheEnd(renamed);
    ok(again.fence > claim.fence);
    for (const id of ['id', 'another id']) {
      const status = id === 'id' ? 'claimed' : 'in_progress';
      equal((await probe.ask(probe.identity('another body', id))).status, status);
    }
    equal((await probe.ask(renamed)).status, 'in_progress');
    await probe.end(again, []);
    deepEqual(await probe.finished(renamed, ['A']), []);
  },
  'lets another token change no claim': async probe => {
    const identity = probe.identity('body');
    const owner = await probe.claim(identity);
    const other: Claim = { ...owner, token: randomUUID() };
    equal(await probe.renew(other), false);
    equal(await probe.record(other, []), false);
    equal(await probe.end(other, []), false);
    equal((await probe.ask(identity)).status, 'in_progress');
    equal(await probe.renew(owner), true);
    await probe.end(owner, []);
  },
};
