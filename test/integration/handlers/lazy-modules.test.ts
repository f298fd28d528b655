import { Inject, Injectable, Module, Scope, type INestApplicationContext } from '@nestjs/common';
import { LazyModuleLoader, REQUEST } from '@nestjs/core';
import {
  OnCallEnded,
  OnRejectedDelivery,
  OnRevragEvent,
  type Delivery,
} from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import { startContext } from '../../support/context.js';
import { deferred } from '../../support/deferred.js';

const load = (app: INestApplicationContext, module: new () => object) =>
  app.get(LazyModuleLoader).load(() => module, { logger: false });

/** A provider with a handler that notes on what it was called. */
function createCalls() {
  const seen: unknown[] = [];
  @Injectable()
  class Late {
    readonly constructed = true;
    @OnCallEnded()
    save() {
      seen.push(this.constructed);
    }
  }
  return { Late, seen };
}

/** A request-scoped handler that notes the connection it was constructed with. */
function createScoped(seen: unknown[]) {
  @Injectable({ scope: Scope.REQUEST })
  class Scoped {
    constructor(@Inject('CONNECTION') readonly connection: string) {}
    @OnCallEnded()
    save() {
      seen.push(this.connection);
    }
  }
  return Scoped;
}

describe('a module that is loaded lazily', () => {
  it('has its handlers called from its loading on', async () => {
    const { Late, seen } = createCalls();
    @Module({ providers: [Late, { provide: 'VALUE', useValue: 1 }] })
    class LateModule {}
    @Injectable()
    class Early {
      @OnRevragEvent('call.started')
      save() {}
      @OnRevragEvent('call.started')
      bill() {}
    }
    const { app, receive, logs } = await startContext([Early]);
    expect(await receive()).toMatchObject({ status: 'ignored' });
    const before = logs.lines.length;
    await load(app, LateModule);
    expect(await receive()).toMatchObject({ status: 'processed' });
    expect(await receive({ id: 'another' })).toMatchObject({ status: 'processed' });
    expect(seen).toEqual([true, true]);
    const lines = logs.lines.slice(before).map(({ text }) => text);
    expect(lines.filter(line => !line.startsWith('call.ended'))).toEqual([
      expect.stringContaining('Handler Late.save, from a module that was loaded later'),
    ]);
  });

  it('may have handlers with a scope, and those of rejected deliveries', async () => {
    const seen: unknown[] = [];
    @Injectable({ scope: Scope.REQUEST })
    class Late {
      constructor(@Inject(REQUEST) readonly delivery: Delivery) {}
      @OnCallEnded()
      save() {
        seen.push(this.delivery.id);
      }
    }
    @Injectable()
    class Rejections {
      @OnRejectedDelivery()
      keep({ id }: { id: string }) {
        seen.push(`rejected ${id}`);
      }
    }
    @Module({ providers: [Late, Rejections] })
    class LateModule {}
    const { app, receive } = await startContext([]);
    await load(app, LateModule);
    expect(await receive({ id: 'evt_1' })).toMatchObject({ status: 'processed' });
    expect(await receive({ id: 'evt_2', body: '[]' })).toMatchObject({ status: 'refused' });
    expect(seen).toEqual(['evt_1', 'rejected evt_2']);
  });

  it('has no handler called before its provider is constructed', async () => {
    const { Late, seen } = createCalls();
    const connected = deferred<string>();
    const scoped: unknown[] = [];
    const Scoped = createScoped(scoped);
    @Injectable()
    class Needy extends Late {
      constructor(@Inject('CONNECTION') readonly connection: string) {
        super();
      }
    }
    @Module({
      providers: [
        { provide: 'CONNECTION', useFactory: () => connected.promise },
        { provide: Late, useClass: Needy },
        Scoped,
      ],
    })
    class LateModule {}
    const { app, receive } = await startContext([]);
    const loading = load(app, LateModule);
    // Registered, but not constructed.
    await new Promise(resolve => setImmediate(resolve));
    expect(await receive()).toMatchObject({ status: 'ignored' });
    connected.resolve('open');
    await loading;
    expect(await receive()).toMatchObject({ status: 'processed' });
    expect([seen, scoped]).toEqual([[true], ['open']]);
  });

  it('has no handler with a scope called before its imports are constructed', async () => {
    const connected = deferred<string>();
    const seen: unknown[] = [];
    const Scoped = createScoped(seen);
    @Module({
      providers: [{ provide: 'CONNECTION', useFactory: () => connected.promise }],
      exports: ['CONNECTION'],
    })
    class ConnectionModule {}
    @Module({ imports: [ConnectionModule], providers: [Scoped] })
    class LateModule {}
    const { app, receive } = await startContext([]);
    const loading = load(app, LateModule);
    await new Promise(resolve => setImmediate(resolve));
    expect(await receive()).toMatchObject({ status: 'ignored' });
    connected.resolve('open');
    await loading;
    expect(await receive()).toMatchObject({ status: 'processed' });
    expect(seen).toEqual(['open']);
  });

  it('without handlers repeats no warning of the boot', async () => {
    const { Late } = createCalls();
    @Module({ providers: [Late] })
    class OtherModule {}
    @Module({})
    class LateModule {}
    const { app, receive, logs } = await startContext([Late], {}, { imports: [OtherModule] });
    expect(logs.of('warn')).toHaveLength(1);
    await load(app, LateModule);
    expect(await receive()).toMatchObject({ status: 'processed' });
    expect(logs.of('warn')).toHaveLength(1);
  });

  it.each([Scope.DEFAULT, Scope.REQUEST])(
    'that fails to load, or imports one that does, changes nothing: scope %i',
    async scope => {
      const first = createCalls();
      const second = createCalls();
      const third = createCalls();
      const broken = {
        provide: 'BROKEN',
        useFactory: () => Promise.reject(new Error('no server')),
      };
      @Module({ providers: [{ provide: second.Late, useClass: second.Late, scope }, broken] })
      class BrokenModule {}
      @Module({
        imports: [BrokenModule],
        providers: [{ provide: third.Late, useClass: third.Late, scope }],
      })
      class LateModule {}
      const { app, receive } = await startContext([first.Late]);
      await expect(load(app, LateModule)).rejects.toThrow('no server');
      expect(await receive()).toMatchObject({ status: 'processed' });
      expect([first.seen, second.seen, third.seen]).toEqual([[true], [], []]);
    },
  );

  it('whose handler has the id of another is said to be of no use, and the others go on', async () => {
    const first = createCalls();
    const second = createCalls();
    @Module({ providers: [second.Late] })
    class LateModule {}
    const { app, receive, logs } = await startContext([first.Late]);
    await load(app, LateModule);
    for (const id of ['a', 'b']) {
      expect(await receive({ id })).toMatchObject({ status: 'processed' });
    }
    expect([first.seen, second.seen]).toEqual([[true, true], []]);
    const lines = logs.of('error').filter(line => line.includes('Two handlers have the id'));
    expect(lines).toHaveLength(1);
  });
});
