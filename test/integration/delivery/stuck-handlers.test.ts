import { Injectable } from '@nestjs/common';
import { OnCallEnded } from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import { startContext } from '../../support/context.js';
import { deferred, until, type Deferred } from '../../support/deferred.js';

/** A handler whose runs end when the test ends them. */
function stuckHandler() {
  const runs: Deferred[] = [];
  @Injectable()
  class Calls {
    @OnCallEnded()
    save() {
      const run = deferred();
      runs.push(run);
      return run.promise;
    }
  }
  return { Calls, runs };
}

const MINUTE = 60_000;

describe('a handler that does not settle', () => {
  it('is logged after handlerTimeout and graceTimeout, and keeps its claim', async () => {
    const { Calls, runs } = stuckHandler();
    const options = { handlerTimeout: 5_000, graceTimeout: 10_000 };
    const { receive, clock, logs } = await startContext([Calls], options);
    const outcome = receive({ id: 'a' });
    await until(() => runs.length === 1);
    await clock.pass(5_000);
    expect(await outcome).toMatchObject({ status: 'failed', unfinished: ['Calls.save'] });
    await clock.pass(9_999);
    expect(logs.text).not.toContain('stuck');
    await clock.pass(1);
    expect(logs.of('error').join('\n')).toMatch(/Calls\.save for a on default: stuck, .* kept/);
    await clock.pass(600 * MINUTE);
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'in_progress' });
    runs[0]!.resolve();
    await clock.pass(1);
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'duplicate' });
    expect(runs).toHaveLength(1);
  });

  it('no longer holds up shutdown once it is stuck', async () => {
    const { Calls, runs } = stuckHandler();
    const options = { handlerTimeout: 5_000, graceTimeout: 10_000, shutdownTimeout: 10 * MINUTE };
    const { app, receive, clock } = await startContext([Calls], options);
    void receive({ id: 'a' });
    await until(() => runs.length === 1);
    await clock.pass(15_000);
    await app.close();
  });

  it('may run again, and overlap with itself, with onStuck: release', async () => {
    const { Calls, runs } = stuckHandler();
    const options = { handlerTimeout: 5_000, graceTimeout: 10_000, onStuck: 'release' } as const;
    const { receive, clock, logs } = await startContext([Calls], options);
    void receive({ id: 'a' });
    await until(() => runs.length === 1);
    await clock.pass(15_000);
    expect(logs.of('error').join('\n')).toMatch(/stuck, .* released/);
    const second = receive({ id: 'a' });
    await until(() => runs.length === 2);
    runs[1]!.resolve();
    expect(await second).toMatchObject({ status: 'processed' });
    runs[0]!.resolve();
    await clock.pass(1);
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'duplicate' });
  });

  it.each(['keep', 'release'] as const)(
    'and settles at last does not run again while another one is stuck: %s',
    async onStuck => {
      const [one, other] = [stuckHandler(), stuckHandler()];
      Object.defineProperty(other.Calls, 'name', { value: 'Other' });
      const options = { handlerTimeout: 5_000, graceTimeout: 10_000, onStuck };
      const { receive, clock } = await startContext([one.Calls, other.Calls], options);
      void receive({ id: 'a' });
      await until(() => one.runs.length === 1 && other.runs.length === 1);
      await clock.pass(15_000);
      one.runs[0]!.resolve();
      await clock.pass(1);
      void receive({ id: 'a' });
      await clock.pass(1);
      await until(() => other.runs.length === (onStuck === 'release' ? 2 : 1));
      expect(one.runs).toHaveLength(1);
      for (const run of other.runs) run.resolve();
    },
  );

  it('is mentioned in the log after five minutes if there is no handlerTimeout', async () => {
    const { Calls, runs } = stuckHandler();
    const { receive, clock, logs } = await startContext([Calls]);
    const outcome = receive({ id: 'a' });
    await until(() => runs.length === 1);
    await clock.pass(5 * MINUTE - 1);
    expect(logs.text).not.toContain('still running');
    await clock.pass(1);
    expect(logs.of('warn').join('\n')).toMatch(/Calls\.save for a on default: still running/);
    runs[0]!.resolve();
    expect(await outcome).toMatchObject({ status: 'processed' });
    expect(clock.pending).toBe(0);
  });

  it('is named in the log, and no handler that has settled', async () => {
    const { Calls, runs } = stuckHandler();
    @Injectable()
    class Quick {
      @OnCallEnded()
      save() {
        return undefined;
      }
    }
    const { receive, clock, logs } = await startContext([Quick, Calls]);
    const outcome = receive({ id: 'a' });
    await until(() => runs.length === 1);
    await clock.pass(5 * MINUTE);
    expect(logs.of('warn').join('\n')).toMatch(/^Handlers Calls\.save for a .* RevragWebhook$/);
    runs[0]!.resolve();
    await outcome;
  });

  it('leaves no timer behind when it settles in time', async () => {
    const { Calls, runs } = stuckHandler();
    const { receive, clock } = await startContext([Calls], { handlerTimeout: 5_000 });
    const outcome = receive({ id: 'a' });
    await until(() => runs.length === 1);
    runs[0]!.resolve();
    await outcome;
    expect(clock.pending).toBe(0);
  });
});

describe('options of limits', () => {
  it.each([
    [{ graceTimeout: -1 }, /graceTimeout must be a number/],
    [{ onStuck: 'drop' as 'keep' }, /onStuck must be 'keep' or 'release'/],
    [{ idempotency: { by: 'id' as 'call' } }, /idempotency\.by must be 'delivery' or 'call'/],
    [{ tolerance: 300, idempotency: { retention: 599 } }, /at least twice the tolerance/],
  ])('%o is refused at boot', async (options, message) => {
    await expect(startContext([], options)).rejects.toThrow(message);
  });

  it('may remember for exactly twice the tolerance', async () => {
    await startContext([], { tolerance: 300, idempotency: { retention: 600 } });
  });
});
