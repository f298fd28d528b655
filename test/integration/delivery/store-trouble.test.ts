import { describe, expect, it } from 'vitest';
import { startContext } from '../../support/context.js';
import { deferred, until } from '../../support/deferred.js';
import { handlerPair } from '../../support/handler-pair.js';
import { UnreliableStore } from '../../support/unreliable-store.js';

/** What was begun without anybody waiting for it has had its chance. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(resolve => setImmediate(resolve));
}

async function start(atOnce = false) {
  const { Calls, calls, act } = handlerPair();
  let now = () => Date.now();
  const store = new UnreliableStore(() => now(), atOnce);
  const context = await startContext([Calls], { idempotency: { store, lease: 60 } });
  now = () => context.clock.now();
  return { ...context, store, calls, act };
}

describe.each([
  ['with a promise', false],
  ['at once', true],
])('a store that answers %s and can not be reached', (_, atOnce) => {
  it('at the claim: nothing is done, nothing acknowledged', async () => {
    const { store, receive, calls } = await start(atOnce);
    store.broken.add('claim');
    const outcome = await receive({ id: 'a' });
    expect(outcome).toMatchObject({
      status: 'refused',
      error: { code: 'store_unavailable', retryAfter: 5 },
    });
    expect(JSON.stringify(outcome)).not.toContain('store away');
    expect(calls).toEqual([]);
    store.broken.clear();
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'processed' });
  });

  it('at the completion: done is done, and a redelivery runs nothing again [pitfall 19]', async () => {
    const { store, receive, calls, clock, logs } = await start(atOnce);
    store.broken.add('end');
    const outcome = receive({ id: 'a' });
    await until(() => store.asked.includes('end'));
    await clock.pass(1_000);
    expect(await outcome).toMatchObject({ status: 'processed' });
    expect(logs.of('warn').join()).toMatch(/did not end the claim on delivery a/);
    // Nobody else has recorded it, but this process knows what it has done.
    expect(await receive({ id: 'a' })).toEqual({ status: 'duplicate', id: 'a' });
    store.broken.clear();
    await clock.pass(10_000);
    expect(await receive({ id: 'a' })).toEqual({ status: 'duplicate', id: 'a' });
    expect(calls).toEqual(['one', 'two']);
  });

  it('after the completion was recorded: the log does not say that it was not', async () => {
    const { store, receive, clock, logs } = await start(atOnce);
    store.muted.add('end');
    const outcome = receive({ id: 'a' });
    await until(() => store.asked.includes('end'));
    // An instance with a further handler, say.
    store.takenOver = true;
    store.muted.clear();
    await clock.pass(1_000);
    expect(await outcome).toMatchObject({ status: 'processed' });
    const warnings = logs.of('warn').join('\n');
    expect(warnings).toMatch(/has claimed delivery a\. This one had finished it before/);
    expect(warnings).not.toMatch(/before this one recorded it|lease ran out/);
  });

  it('at the record of a finished handler: it is recorded with the release [pitfall 19]', async () => {
    const { store, receive, calls, act } = await start(atOnce);
    const second = deferred();
    act.two = () => second.promise;
    store.broken.add('record');
    const outcome = receive({ id: 'a' });
    await until(() => store.asked.includes('record'));
    second.reject(new Error('no'));
    expect(await outcome).toMatchObject({ status: 'failed', unfinished: ['Calls.two'] });
    act.two = () => undefined;
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'processed' });
    expect(calls).toEqual(['one', 'two', 'two']);
  });

  it('at the record of a finished handler while another runs: it is tried again', async () => {
    const { store, receive, act, clock } = await start(atOnce);
    const second = deferred();
    act.two = () => second.promise;
    store.broken.add('record');
    const outcome = receive({ id: 'a' });
    await until(() => store.asked.includes('record'));
    store.broken.clear();
    await clock.pass(1_000);
    expect(store.asked.filter(operation => operation === 'record').length).toBeGreaterThan(1);
    second.resolve();
    expect(await outcome).toMatchObject({ status: 'processed' });
  });

  it('can not be made to forge a line of the log by an id', async () => {
    const { store, receive, clock, logs } = await start(atOnce);
    store.broken.add('end');
    const outcome = receive({ id: 'a\n[Nest] LOG all is well' });
    await until(() => store.asked.includes('end'));
    await clock.pass(1_000);
    await outcome;
    store.broken.clear();
    await clock.pass(10_000);
    expect(logs.text).toContain('a?[Nest] LOG');
    expect(logs.text).not.toContain('\n[Nest] LOG');
  });

  it('for a while after a partial failure: the finished handler does not run again', async () => {
    const { store, receive, calls, act, clock } = await start(atOnce);
    act.two = () => {
      store.breakAll();
      throw new Error('no');
    };
    const outcome = receive({ id: 'a' });
    await until(() => store.asked.includes('end'));
    await clock.pass(1_000);
    expect(await outcome).toMatchObject({ status: 'failed' });
    // What this process has not recorded yet is held here, whatever the store's trouble.
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'in_progress' });
    act.two = () => undefined;
    store.broken.clear();
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'in_progress' });
    await clock.pass(10_000);
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'processed' });
    expect(calls).toEqual(['one', 'two', 'two']);
  });
});

describe('the store is asked', () => {
  it('twice for a delivery that goes well', async () => {
    const { store, receive } = await start();
    await receive({ id: 'a' });
    await turns();
    expect(store.asked).toEqual(['claim', 'end']);
  });

  it('to note a finished handler while another runs, so that a crash does not repeat it', async () => {
    const { store, receive, act } = await start();
    const second = deferred();
    act.two = () => second.promise;
    const outcome = receive({ id: 'a' });
    await until(() => store.asked.includes('record'));
    second.resolve();
    await outcome;
    await turns();
    expect(store.asked).toEqual(['claim', 'record', 'end']);
  });
});

describe('the end of a claim', () => {
  /** A store whose end takes until the test lets it. */
  async function startSlow() {
    const context = await start();
    const gate = deferred();
    const end = context.store.end.bind(context.store);
    context.store.end = async (claim, progress) => {
      const answer = end(claim, progress);
      await gate.promise;
      return answer;
    };
    let answered = false;
    const outcome = context.receive({ id: 'a' }).finally(() => (answered = true));
    await until(() => context.store.asked.includes('end'));
    return { ...context, gate, outcome, isAnswered: () => answered };
  }

  it('comes before the answer, so that what is answered is recorded', async () => {
    const { gate, outcome, clock, isAnswered } = await startSlow();
    await turns();
    expect(isAnswered()).toBe(false);
    gate.resolve();
    expect(await outcome).toMatchObject({ status: 'processed' });
    expect(clock.pending).toBe(0);
  });

  it('holds the answer up for a second at most', async () => {
    const { gate, outcome, clock, isAnswered } = await startSlow();
    await clock.pass(999);
    expect(isAnswered()).toBe(false);
    await clock.pass(1);
    expect(await outcome).toMatchObject({ status: 'processed' });
    gate.resolve();
  });

  it('is waited for by shutdown, also after the answer', async () => {
    const { app, store, receive, clock } = await start();
    store.broken.add('end');
    const outcome = receive({ id: 'a' });
    await until(() => store.asked.includes('end'));
    await clock.pass(1_000);
    await outcome;
    let closed = false;
    const closing = app.close().finally(() => (closed = true));
    await clock.pass(5_000);
    expect(closed).toBe(false);
    store.broken.clear();
    await clock.pass(1_000);
    await closing;
    expect(store.asked.at(-1)).toBe('end');
    expect(clock.pending).toBe(0);
  });

  it('is retried after 50, 200 and 1,000 milliseconds, then every second', async () => {
    const { store, receive, clock } = await start();
    const tries: number[] = [];
    const begun = clock.now();
    store.end = () => {
      tries.push(clock.now() - begun);
      return Promise.reject(new Error('away'));
    };
    const outcome = receive({ id: 'a' });
    await until(() => tries.length > 0);
    await clock.pass(3_300);
    await outcome;
    expect(tries).toEqual([0, 50, 250, 1_250, 2_250, 3_250]);
    store.end = () => true;
    await clock.pass(1_000);
    expect(clock.pending).toBe(0);
  });
});

describe('a lease', () => {
  it('is renewed for as long as handlers run', async () => {
    const { store, receive, act, clock } = await start();
    const slow = deferred();
    act.one = () => slow.promise;
    const outcome = receive({ id: 'a' });
    await until(() => store.asked.includes('record'));
    await clock.pass(600_000);
    expect(store.asked.filter(operation => operation === 'renew')).toHaveLength(30);
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'in_progress' });
    slow.resolve();
    expect(await outcome).toMatchObject({ status: 'processed' });
    expect(clock.pending).toBe(0);
  });

  it('survives a renewal that fails', async () => {
    const { store, receive, act, clock, calls } = await start();
    const slow = deferred();
    act.one = () => slow.promise;
    const outcome = receive({ id: 'a' });
    await until(() => store.asked.includes('record'));
    store.broken.add('renew');
    await clock.pass(25_000);
    store.broken.clear();
    await clock.pass(60_000);
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'in_progress' });
    slow.resolve();
    expect(await outcome).toMatchObject({ status: 'processed' });
    expect(calls).toEqual(['one', 'two']);
  });

  it('that somebody else took aborts the handlers, and a late owner changes nothing [pitfall 20]', async () => {
    const { store, receive, act, clock, logs } = await start();
    const slow = deferred();
    let signal: AbortSignal | undefined;
    act.one = delivery => {
      signal = delivery.signal;
      return slow.promise;
    };
    const outcome = receive({ id: 'a' });
    await until(() => store.asked.includes('record'));
    store.takenOver = true;
    await clock.pass(20_000);
    expect(signal?.aborted).toBe(true);
    slow.resolve();
    await outcome;
    expect(logs.of('warn').join('\n')).toMatch(/Another instance claimed delivery a/);
  });
});

describe('what this process holds [pitfall 42]', () => {
  it('does not start again when the store is away for longer than the lease', async () => {
    const { store, receive, act, clock, calls } = await start();
    const slow = deferred();
    act.one = () => slow.promise;
    const outcome = receive({ id: 'a' });
    await until(() => store.asked.includes('record'));
    store.breakAll();
    await clock.pass(600_000);
    // The store has forgotten everything meanwhile.
    store.forget();
    store.broken.clear();
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'in_progress' });
    slow.resolve();
    expect(await outcome).toMatchObject({ status: 'processed' });
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'duplicate' });
    expect(calls).toEqual(['one', 'two']);
  });

  it('is recorded when the store is back, before anybody else is asked', async () => {
    const { store, receive, clock, calls } = await start();
    store.broken.add('end');
    const outcome = receive({ id: 'a' });
    await until(() => store.asked.includes('end'));
    await clock.pass(300_000);
    await outcome;
    store.broken.clear();
    await clock.pass(1_000);
    const asked = store.asked.length;
    expect(store.asked.slice(-1)).toEqual(['end']);
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'duplicate' });
    expect(store.asked.slice(asked)).toEqual(['claim']);
    expect(calls).toEqual(['one', 'two']);
  });

  it('is given up after ten minutes, with an error in the log', async () => {
    const { store, receive, clock, logs } = await start();
    store.broken.add('end');
    const outcome = receive({ id: 'a' });
    await until(() => store.asked.includes('end'));
    await clock.pass(1_000);
    await outcome;
    await clock.pass(700_000);
    expect(store.asked.filter(operation => operation === 'end')).toHaveLength(600);
    expect(logs.of('error').join('\n')).toMatch(
      /did not record the finished handlers of delivery a/,
    );
    expect(clock.pending).toBe(0);
  });

  it('warns about a store that is away now and then, not at every try', async () => {
    const { store, receive, clock, logs } = await start();
    store.broken.add('end');
    const outcome = receive({ id: 'a' });
    await until(() => store.asked.includes('end'));
    await clock.pass(100_000);
    await outcome;
    expect(logs.of('warn')).toHaveLength(2);
    store.broken.clear();
    await clock.pass(1_000);
  });

  it('lets two who ask at once go one after the other', async () => {
    const { store, receive, calls } = await start();
    const gate = deferred();
    const claim = store.claim.bind(store);
    store.claim = async request => {
      await gate.promise;
      return claim(request);
    };
    const both = [receive({ id: 'a' }), receive({ id: 'a' })];
    gate.resolve();
    const statuses = (await Promise.all(both)).map(({ status }) => status);
    expect(statuses).toEqual(['processed', 'in_progress']);
    expect(store.asked).toEqual(['claim', 'end']);
    expect(calls).toEqual(['one', 'two']);
  });
});
