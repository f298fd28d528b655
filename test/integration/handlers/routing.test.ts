import { Controller, Injectable, Module, Scope, type Provider, type Type } from '@nestjs/common';
import { Subject, of, timer, map } from 'rxjs';
import {
  CallEndedDto,
  Delivery,
  OnCallEnded,
  OnRejectedDelivery,
  OnRevragEvent,
  RevragConfigurationError,
  RevragWebhookModule,
} from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { startContext } from '../../support/context.js';

/** A class with a handler that notes its calls, under a name of its own. */
function recorder(name: string, decorate: MethodDecorator = OnCallEnded() as MethodDecorator) {
  const calls: { payload: unknown; delivery: Delivery; self: unknown }[] = [];
  @Injectable()
  class Recorder {
    handle(payload: unknown, delivery: Delivery) {
      calls.push({ payload, delivery, self: this });
    }
  }
  decorate(
    Recorder.prototype,
    'handle',
    Object.getOwnPropertyDescriptor(Recorder.prototype, 'handle')!,
  );
  Object.defineProperty(Recorder, 'name', { value: name });
  return { Recorder, calls };
}
const on =
  (...decorators: unknown[]): MethodDecorator =>
  (...target) => {
    for (const decorate of decorators as MethodDecorator[]) decorate(...target);
  };

describe('a handler', () => {
  it('is called with payload and delivery, on its own object', async () => {
    const { Recorder, calls } = recorder('Calls');
    const { app, receive } = await startContext([Recorder]);
    expect(await receive({ id: 'evt_7' })).toMatchObject({ status: 'processed', id: 'evt_7' });
    expect(calls).toHaveLength(1);
    expect(calls[0]!.payload).toBeInstanceOf(CallEndedDto);
    expect(calls[0]!.delivery).toBeInstanceOf(Delivery);
    expect(calls[0]!.delivery).toMatchObject({
      id: 'evt_7',
      type: 'call.ended',
      endpoint: 'default',
    });
    expect(calls[0]!.self).toBe(app.get(Recorder));
  });

  it('may be in a controller [pitfall 15]', async () => {
    const { Recorder, calls } = recorder('Calls');
    Controller('calls')(Recorder);
    const { receive } = await startContext([], {}, { controllers: [Recorder] });
    await receive();
    expect(calls).toHaveLength(1);
  });

  it('may be in what a factory makes, or in a value [pitfall 15]', async () => {
    const made = recorder('Made');
    const value = recorder('Value');
    const { receive } = await startContext([
      { provide: 'MADE', useFactory: async () => Promise.resolve(new made.Recorder()) },
      { provide: 'VALUE', useValue: new value.Recorder() },
    ]);
    await receive();
    expect([made.calls.length, value.calls.length]).toEqual([1, 1]);
  });

  it('is called once, however many aliases its provider has [pitfall 15]', async () => {
    const { Recorder, calls } = recorder('Calls');
    const instance = new Recorder();
    const { receive, logs } = await startContext([
      { provide: Recorder, useValue: instance },
      { provide: 'ALIAS', useExisting: Recorder },
    ]);
    await receive();
    expect(calls).toHaveLength(1);
    expect(logs.of('warn')).toEqual([]);
  });

  it('is called once if a factory gives the object of another provider', async () => {
    const { Recorder, calls } = recorder('Calls');
    const { receive } = await startContext([
      Recorder,
      { provide: 'SAME', useFactory: (it: unknown) => it, inject: [Recorder] },
    ]);
    await receive();
    expect(calls).toHaveLength(1);
  });

  it('is called once if its class is provided by two modules, and the boot says so', async () => {
    const { Recorder, calls } = recorder('Calls');
    @Module({ providers: [Recorder] })
    class OtherModule {}
    const { receive, logs } = await startContext([Recorder], {}, { imports: [OtherModule] });
    await receive();
    expect(calls).toHaveLength(1);
    expect(logs.of('warn').join()).toMatch(/Calls is provided by several modules/);
  });

  it.each<[string, (calls: Type<object>) => Provider[]]>([
    [
      'values',
      calls => [
        { provide: calls, useValue: new calls() },
        { provide: 'WEST', useValue: new calls() },
      ],
    ],
    ['classes', calls => [calls, { provide: 'WEST', useClass: calls }]],
  ])('is called on each of several objects of one class, as %s', async (_name, provide) => {
    const { Recorder, calls } = recorder('Calls');
    const { receive, logs } = await startContext(provide(Recorder));
    expect(await receive()).toMatchObject({
      handlerIds: ['Calls.handle@Calls', 'Calls.handle@WEST'],
    });
    expect(new Set(calls.map(({ self }) => self)).size).toBe(2);
    expect(logs.of('warn')).toEqual([]);
  });

  it.each([Scope.DEFAULT, Scope.REQUEST])(
    'of two classes under one token in two modules is two, with scope %i',
    async scope => {
      const [east, west] = [recorder('East'), recorder('West')];
      const modules = [east, west].map(({ Recorder: useClass }) => {
        @Module({ providers: [{ provide: 'SYNC', useClass, scope }] })
        class SyncModule {}
        return SyncModule;
      });
      const { receive } = await startContext([], {}, { imports: modules });
      expect(await receive()).toMatchObject({ handlerIds: ['East.handle', 'West.handle'] });
      expect([east, west].map(({ calls }) => (calls[0]!.self as object).constructor)).toEqual([
        east.Recorder,
        west.Recorder,
      ]);
    },
  );

  it('made by factories of two modules under one token is two, which the boot refuses', async () => {
    const { Recorder } = recorder('Calls');
    @Module({})
    class SyncModule {}
    const sync = () => ({
      module: SyncModule,
      providers: [{ provide: 'SYNC', useFactory: () => new Recorder() }],
    });
    await expect(startContext([], {}, { imports: [sync(), sync()] })).rejects.toThrow(
      /Two handlers have the id "Calls.handle@SYNC"/,
    );
  });

  it('is called once for an event that several of its decorators match [pitfall 15]', async () => {
    const both = on(OnCallEnded({ agentId: 'a' }), OnRevragEvent('*'), OnCallEnded());
    const { Recorder, calls } = recorder('Calls', both);
    const { receive } = await startContext([Recorder]);
    await receive({ body: callEnded({ agent_id: 'a' }) });
    expect(calls).toHaveLength(1);
  });

  it('is inherited, but not by a method that overrides it undecorated [pitfall 15]', async () => {
    const { Recorder, calls } = recorder('Base');
    @Injectable()
    class Heir extends Recorder {}
    @Injectable()
    class Overrider extends Recorder {
      override handle() {
        calls.push('overridden' as never);
      }
    }
    const { receive } = await startContext([Heir, Overrider]);
    await receive();
    expect(calls.map(({ self }) => (self as object).constructor)).toEqual([Heir]);
  });

  it('stays one if a decorator above puts another function or an accessor in its place', async () => {
    const seen: string[] = [];
    const traced: MethodDecorator = (_target, _name, descriptor: PropertyDescriptor) => {
      const inner = descriptor.value as (...args: unknown[]) => unknown;
      descriptor.value = function (this: unknown, ...args: unknown[]) {
        seen.push('traced');
        return inner.apply(this, args);
      };
    };
    const bound: MethodDecorator = (_target, _name, descriptor: PropertyDescriptor) => {
      const inner = descriptor.value as () => unknown;
      delete descriptor.value;
      delete descriptor.writable;
      descriptor.get = function (this: object) {
        seen.push('bound');
        return inner.bind(this);
      };
    };
    @Injectable()
    class Calls {
      @traced
      @OnCallEnded()
      wrapped() {
        seen.push('wrapped');
      }
      @bound
      @OnCallEnded()
      autobound() {
        seen.push(this.constructor.name);
      }
    }
    const { receive } = await startContext([Calls]);
    expect(await receive()).toMatchObject({ status: 'processed' });
    expect(seen).toEqual(['traced', 'wrapped', 'bound', 'Calls']);
  });

  it('may have a symbol as its name', async () => {
    const save = Symbol('save');
    const calls: unknown[] = [];
    @Injectable()
    class Calls {
      @OnCallEnded()
      [save](call: unknown) {
        calls.push(call);
      }
    }
    const { receive, logs } = await startContext([Calls]);
    expect(await receive()).toMatchObject({ status: 'processed' });
    expect(calls).toHaveLength(1);
    expect(logs.text).toContain('Handler Calls.Symbol(save): call.ended');
  });

  it('that was taken off its class is none', async () => {
    const { Recorder, calls } = recorder('Calls');
    Reflect.deleteProperty(Recorder.prototype, 'handle');
    const { receive } = await startContext([Recorder]);
    expect(await receive()).toMatchObject({ status: 'ignored' });
    expect(calls).toHaveLength(0);
  });

  it('may return a promise or an observable, which is waited for', async () => {
    const done: string[] = [];
    @Injectable()
    class Calls {
      @OnCallEnded()
      async promised() {
        await new Promise(resolve => setImmediate(resolve));
        done.push('promise');
      }
      @OnCallEnded()
      observed() {
        return timer(1).pipe(map(() => done.push('observable')));
      }
      @OnCallEnded()
      empty() {
        return of();
      }
    }
    const { receive } = await startContext([Calls]);
    expect(await receive()).toMatchObject({ status: 'processed' });
    expect(done.sort()).toEqual(['observable', 'promise']);
  });

  it('whose observable fails has failed', async () => {
    const failing = new Subject<never>();
    @Injectable()
    class Calls {
      @OnCallEnded()
      observed() {
        setImmediate(() => failing.error(new Error('no')));
        return failing;
      }
    }
    const { receive } = await startContext([Calls]);
    expect(await receive()).toMatchObject({ status: 'failed', handlerIds: ['Calls.observed'] });
  });
});

describe('providers without handlers', () => {
  it('of any kind are passed over', async () => {
    const hostile = new Proxy(Object.create(null) as object, {
      get: (_target, key) => {
        // Nest itself reads these.
        if (typeof key === 'symbol' || /^(then|constructor|on|before)/.test(key)) return undefined;
        throw new Error(`read ${key}`);
      },
    });
    class Getters {
      get broken(): never {
        throw new Error('read');
      }
    }
    const { receive } = await startContext([
      { provide: 'NULL', useValue: null },
      { provide: 'UNDEFINED', useValue: undefined },
      { provide: 'TEXT', useValue: 'text' },
      { provide: 'FUNCTION', useValue: () => undefined },
      { provide: 'NO_PROTOTYPE', useValue: Object.create(null) as object },
      { provide: 'HOSTILE', useValue: hostile },
      { provide: 'GETTERS', useValue: new Getters() },
    ]);
    expect(await receive()).toMatchObject({ status: 'ignored' });
  });
});

describe('filters', () => {
  it('by agent', async () => {
    const one = recorder('One', OnCallEnded({ agentId: 'a' }) as MethodDecorator);
    const two = recorder('Two', OnCallEnded({ agentId: ['a', 'b'] }) as MethodDecorator);
    const { receive } = await startContext([one.Recorder, two.Recorder]);
    await receive({ id: '1', body: callEnded({ agent_id: 'a' }) });
    await receive({ id: '2', body: callEnded({ agent_id: 'b' }) });
    expect(await receive({ id: '3', body: callEnded({ agent_id: 'c' }) })).toMatchObject({
      status: 'ignored',
    });
    const ids = (calls: typeof one.calls) => calls.map(({ delivery }) => delivery.id);
    expect([ids(one.calls), ids(two.calls)]).toEqual([['1'], ['1', '2']]);
  });

  it('by agent, of which an unknown type need say nothing', async () => {
    const decorate = OnRevragEvent('call.started', { agentId: 'a' }) as MethodDecorator;
    const { Recorder, calls } = recorder('Started', decorate);
    const { receive } = await startContext([Recorder]);
    for (const body of ['null', '"a"', '{}', '[]', '{"agent_id":["a"]}']) {
      expect(await receive({ id: body, type: 'call.started', body })).toMatchObject({
        status: 'ignored',
      });
    }
    await receive({ type: 'call.started', body: { agent_id: 'a' } });
    expect(calls).toHaveLength(1);
  });

  it('by endpoint', async () => {
    const own = recorder('Own', OnCallEnded({ endpoint: 'default' }) as MethodDecorator);
    const other = recorder('Other', OnRevragEvent('*', { endpoint: 'other' }) as MethodDecorator);
    const secret = 'other secret';
    const imports = [RevragWebhookModule.forRoot({ secret, name: 'other', path: 'other' })];
    const { receive } = await startContext([own.Recorder, other.Recorder], {}, { imports });
    await receive({ id: '1' });
    await receive({ id: '2', secret }, 'other');
    const ids = (calls: typeof own.calls) => calls.map(({ delivery }) => delivery.id);
    expect([ids(own.calls), ids(other.calls)]).toEqual([['1'], ['2']]);
  });

  it('by type, known or not, and all types', async () => {
    const ended = recorder('Ended');
    const started = recorder('Started', OnRevragEvent('call.started') as MethodDecorator);
    const all = recorder('All', OnRevragEvent('*') as MethodDecorator);
    const { receive } = await startContext([ended.Recorder, started.Recorder, all.Recorder]);
    await receive({ id: '1' });
    await receive({ id: '2', type: 'call.started', body: { agent: 1 } });
    await receive({ id: '3', type: 'something.else', body: [1] });
    const seen = (calls: typeof all.calls) => calls.map(({ delivery }) => delivery.id);
    expect([seen(ended.calls), seen(started.calls), seen(all.calls)]).toEqual([
      ['1'],
      ['2'],
      ['1', '2', '3'],
    ]);
    expect(all.calls[2]!.payload).toEqual([1]);
  });

  it('of an unknown type acknowledge what nothing handles [pitfall 12]', async () => {
    const { Recorder } = recorder('Calls');
    const { receive } = await startContext([Recorder]);
    const outcome = await receive({ id: '1', type: 'call.started', body: {} });
    expect(outcome).toEqual({ status: 'ignored', id: '1' });
  });
});

describe('the boot', () => {
  it('logs each handler and what it gets', async () => {
    const a = recorder('A', on(OnCallEnded({ agentId: ['x', 'y'] }), OnRevragEvent('*')));
    const b = recorder('B', OnCallEnded({ endpoint: 'default', id: 'b' }) as MethodDecorator);
    const c = recorder('C', OnRejectedDelivery() as MethodDecorator);
    const { logs } = await startContext([a.Recorder, b.Recorder, c.Recorder]);
    expect(logs.of('log').filter(line => line.startsWith('Handler'))).toEqual([
      'Handler A.handle: call.ended of agent x, y; every event RevragWebhookModule',
      'Handler b: call.ended on default RevragWebhookModule',
      'Handler C.handle: rejected deliveries RevragWebhookModule',
    ]);
  });

  it('warns of an endpoint whose deliveries nothing handles', async () => {
    const decorate = on(OnCallEnded({ endpoint: 'loans' }), OnCallEnded({ endpoint: 'default' }));
    const both = recorder('Both', decorate);
    const one = recorder('One', OnRevragEvent('*', { endpoint: 'loans' }) as MethodDecorator);
    const imports = ['loans', 'cards'].map(name =>
      RevragWebhookModule.forRoot({ secret: name, name, path: name }),
    );
    const { logs } = await startContext([both.Recorder, one.Recorder], {}, { imports });
    expect(logs.of('warn')).toEqual([
      expect.stringMatching(/^No handler matches the deliveries of endpoint cards:/),
    ]);
  });

  it.each([
    [
      'two handlers with one id',
      [recorder('Twin').Recorder, recorder('Twin').Recorder],
      /Two handlers have the id "Twin.handle"/,
    ],
    [
      'a handler with two ids',
      [recorder('Calls', on(OnCallEnded({ id: 'a' }), OnCallEnded({ id: 'b' }))).Recorder],
      /has several ids: a, b/,
    ],
    [
      'a handler for an endpoint that is not there',
      [recorder('Calls', OnCallEnded({ endpoint: 'sales' }) as MethodDecorator).Recorder],
      /Calls.handle is for the endpoint "sales", but no import/,
    ],
    [
      'a handler of rejected deliveries for an endpoint that is not there',
      [recorder('Calls', OnRejectedDelivery({ endpoint: 'sales' }) as MethodDecorator).Recorder],
      /Calls.handle is for the endpoint "sales", but no import/,
    ],
  ])('fails for %s', async (_name, providers, message) => {
    await expect(startContext(providers)).rejects.toThrow(RevragConfigurationError);
    await expect(startContext(providers)).rejects.toThrow(message);
  });

  it.each<[string, unknown]>([
    ['@OnCallEnded()', OnCallEnded()],
    ["@OnRevragEvent('call.started')", OnRevragEvent('call.started')],
    ['@OnRejectedDelivery()', OnRejectedDelivery()],
  ])('is not even reached with %s where it can not work', (name, decorator) => {
    const decorate = decorator as (...target: unknown[]) => void;
    class Calls {
      static save() {}
      get property() {
        return 1;
      }
    }
    const descriptor = (target: object, key: string) =>
      Object.getOwnPropertyDescriptor(target, key);
    expect(() => decorate(Calls, 'save', descriptor(Calls, 'save'))).toThrow(
      `${name} on save: put it on an instance method`,
    );
    const { prototype } = Calls;
    expect(() => decorate(prototype, 'property', descriptor(prototype, 'property'))).toThrow(
      RevragConfigurationError,
    );
    expect(() => decorate(prototype, 'field', undefined)).toThrow(/not on a property/);
  });

  it.each(['', ' ', undefined, null, 7])('is not reached with the event type %o', type => {
    const decorate = () => OnRevragEvent(type as string)({}, 'save', { value: () => undefined });
    expect(decorate).toThrow(RevragConfigurationError);
    expect(decorate).toThrow(`@OnRevragEvent('${type}') on save: the event type is empty.`);
  });
});
