import { Inject, Injectable, Logger, Module, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import {
  OnCallEnded,
  RevragObserver,
  RevragPermanentError,
  type DeliveryReport,
  type HandlerCall,
  type RevragEvent,
  type StuckHandlers,
} from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startContext } from '../../support/context.js';
import { deferred, until } from '../../support/deferred.js';
import { handlerPair } from '../../support/handler-pair.js';

function recordingObserver() {
  const reports: DeliveryReport[] = [];
  const errors: { error: unknown; call: HandlerCall }[] = [];
  const stuck: StuckHandlers[] = [];
  const others: RevragEvent[] = [];
  @Injectable()
  class Recording extends RevragObserver {
    override onOutcome(report: DeliveryReport) {
      reports.push(report);
    }
    override onHandlerError(error: unknown, call: HandlerCall) {
      errors.push({ error, call });
    }
    override onStuckHandlers(handlers: StuckHandlers) {
      stuck.push(handlers);
    }
    override onOtherContent(event: RevragEvent) {
      others.push(event);
    }
  }
  return { Recording, reports, errors, stuck, others };
}

describe('a RevragObserver', () => {
  it('learns outcomes and what handlers throw, without the payload', async () => {
    const { Recording, reports, errors } = recordingObserver();
    const { Calls, act } = handlerPair();
    const error = new Error('database away');
    act.one = () => Promise.reject(error);
    const { receive } = await startContext([Calls, Recording]);
    await receive({ id: 'a' });
    await receive({ id: 'b', secret: 'forged' });
    expect(reports).toMatchObject([
      { endpoint: 'default', id: 'a', outcome: 'failed', unfinished: ['Calls.one'] },
      { endpoint: 'default', outcome: 'refused', code: 'signature_mismatch', statusCode: 401 },
    ]);
    expect(errors).toEqual([
      {
        error,
        call: {
          handlerId: 'Calls.one',
          endpoint: 'default',
          deliveryId: 'a',
          type: 'call.ended',
        },
      },
    ]);
    expect(JSON.stringify(reports)).not.toContain('loan');
  });

  it('is found in any module, once, and is not the only one', async () => {
    const first = recordingObserver();
    const second = recordingObserver();
    @Module({
      providers: [second.Recording, { provide: 'alias', useExisting: second.Recording }],
    })
    class Monitoring {}
    const { receive } = await startContext([first.Recording], {}, { imports: [Monitoring] });
    await receive({ id: 'a' });
    await until(() => second.reports.length > 0);
    expect(first.reports).toHaveLength(1);
    expect(second.reports).toHaveLength(1);
  });

  it('learns outcomes whose log level is off', async () => {
    const isEnabled = vi.spyOn(Logger, 'isLevelEnabled');
    isEnabled.mockImplementation(level => level === 'fatal');
    onTestFinished(() => isEnabled.mockRestore());
    const { Recording, reports } = recordingObserver();
    const { receive } = await startContext([Recording]);
    await receive({ id: 'a' });
    await until(() => reports.length > 0);
    expect(reports).toMatchObject([{ id: 'a', outcome: 'ignored' }]);
  });

  it('learns of content that differs from what was handled', async () => {
    const { Recording, others } = recordingObserver();
    const { Calls } = handlerPair();
    const { receive } = await startContext([Calls, Recording], { idempotency: { by: 'call' } });
    await receive({ id: 'a', body: callEnded({ call_id: 'c', summary: 'one' }) });
    await receive({ id: 'b', body: callEnded({ call_id: 'c', summary: 'two' }) });
    await until(() => others.length > 0);
    expect(others).toMatchObject([{ delivery: { id: 'b' }, payload: { summary: 'two' } }]);
  });

  it('needs no method that it has no use for', async () => {
    @Injectable()
    class Silent extends RevragObserver {}
    const { Recording, errors, stuck, others } = recordingObserver();
    const { Calls, act } = handlerPair();
    const slow = deferred();
    act.one = () => Promise.reject(new Error('no'));
    act.two = () => slow.promise;
    const options = { handlerTimeout: 1_000, graceTimeout: 1_000, idempotency: { by: 'call' } };
    const { receive, clock, logs } = await startContext(
      [Calls, Silent, Recording],
      options as never,
    );
    const first = receive({ id: 'a', body: callEnded({ call_id: 'c' }) });
    await until(() => errors.length > 0);
    await clock.pass(2_000);
    await first;
    slow.resolve();
    act.one = () => undefined;
    await clock.pass(0);
    await receive({ id: 'a', body: callEnded({ call_id: 'c' }) });
    await receive({ id: 'b', body: callEnded({ call_id: 'c', summary: 'another' }) });
    await until(() => others.length > 0);
    expect(stuck).toHaveLength(1);
    expect(logs.text).not.toContain('Silent');
  });

  it('that throws or rejects changes nothing, and is logged', async () => {
    @Injectable()
    class Broken extends RevragObserver {
      override onOutcome() {
        throw new Error('observer broke');
      }
      override onHandlerError() {
        return Promise.reject(new Error('observer rejected'));
      }
    }
    const { Calls, act } = handlerPair();
    act.one = () => Promise.reject(new Error('no'));
    const { receive, logs } = await startContext([Calls, Broken]);
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'failed' });
    await until(() => /observer broke/.test(logs.text) && /observer rejected/.test(logs.text));
  });

  it('that belongs to a request is named in the log rather than called unconstructed', async () => {
    let called = 0;
    @Injectable({ scope: Scope.REQUEST })
    class Scoped extends RevragObserver {
      override onOutcome() {
        called += 1;
      }
    }
    @Injectable()
    class Dependent extends RevragObserver {
      constructor(@Inject(REQUEST) readonly request: unknown) {
        super();
      }
      override onOutcome() {
        called += 1;
      }
    }
    const { Recording, reports } = recordingObserver();
    const { receive, logs } = await startContext([Scoped, Dependent, Recording]);
    await receive({ id: 'a' });
    await receive({ id: 'b' });
    await until(() => reports.length === 2);
    expect(called).toBe(0);
    for (const name of ['Scoped', 'Dependent']) {
      expect(logs.text.split(`${name} is request-scoped`)).toHaveLength(2);
    }
  });

  it('learns of handlers that do not settle', async () => {
    const { Recording, stuck } = recordingObserver();
    const { Calls, act, calls } = handlerPair();
    const slow = deferred();
    act.one = () => slow.promise;
    const options = { handlerTimeout: 1_000, graceTimeout: 1_000 };
    const { receive, clock } = await startContext([Calls, Recording], options);
    void receive({ id: 'a' });
    await until(() => calls.length === 2);
    await clock.pass(2_000);
    expect(stuck).toEqual([
      { endpoint: 'default', deliveryId: 'a', type: 'call.ended', handlerIds: ['Calls.one'] },
    ]);
    slow.resolve();
  });
});

describe('a handler that throws what can not be looked at', () => {
  it('has failed, and the others are waited for and recorded', async () => {
    const { Calls, act, calls } = handlerPair();
    const error = Object.defineProperty(new Error('strange'), 'stack', {
      get: () => {
        throw new Error('no stack');
      },
    });
    act.one = () => Promise.reject(error);
    const slow = deferred();
    act.two = () => slow.promise;
    const { receive } = await startContext([Calls]);
    const outcome = receive({ id: 'a' });
    await until(() => calls.length === 2);
    slow.resolve();
    expect(await outcome).toMatchObject({ status: 'failed', unfinished: ['Calls.one'] });
    act.one = () => Promise.resolve();
    expect(await receive({ id: 'a' })).toMatchObject({
      status: 'processed',
      handlerIds: ['Calls.one'],
    });
  });
});

describe('RevragPermanentError', () => {
  it('abandons the delivery: it is not tried again', async () => {
    let runs = 0;
    @Injectable()
    class Calls {
      @OnCallEnded()
      save() {
        runs += 1;
        throw new RevragPermanentError('The customer was deleted.');
      }
    }
    const { Recording, errors } = recordingObserver();
    const { receive } = await startContext([Calls, Recording]);
    expect(await receive({ id: 'a' })).toEqual({
      status: 'abandoned',
      id: 'a',
      handlerIds: ['Calls.save'],
      abandoned: ['Calls.save'],
    });
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'duplicate' });
    expect(runs).toBe(1);
    expect(errors).toHaveLength(1);
  });

  it('is a failure beside a handler that failed, which alone runs again', async () => {
    const { Calls, act, calls } = handlerPair();
    act.one = () => Promise.reject(new RevragPermanentError('never'));
    act.two = () => Promise.reject(new Error('not now'));
    const { receive } = await startContext([Calls]);
    expect(await receive({ id: 'a' })).toMatchObject({
      status: 'failed',
      unfinished: ['Calls.two'],
    });
    act.two = () => undefined;
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'processed' });
    expect(calls).toEqual(['one', 'two', 'two']);
  });
});
