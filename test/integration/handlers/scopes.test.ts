import { Controller, Inject, Injectable, Scope } from '@nestjs/common';
import {
  ContextIdFactory,
  REQUEST,
  type ContextId,
  type ContextIdStrategy,
  type HostComponentInfo,
} from '@nestjs/core';
import { Delivery, OnCallEnded } from 'nestjs-revrag-webhook';
import { afterEach, describe, expect, it } from 'vitest';
import { startContext } from '../../support/context.js';

describe('a handler', () => {
  it('of request scope has an object for each delivery, with the delivery as REQUEST [pitfall 15]', async () => {
    const seen: { self: unknown; shared: unknown; request: Delivery; delivery: Delivery }[] = [];
    @Injectable({ scope: Scope.REQUEST })
    class Shared {}
    @Injectable({ scope: Scope.REQUEST })
    class First {
      constructor(
        @Inject(REQUEST) readonly request: Delivery,
        readonly shared: Shared,
      ) {}
      @OnCallEnded()
      save(_call: unknown, delivery: Delivery) {
        seen.push({ self: this, shared: this.shared, request: this.request, delivery });
      }
    }
    @Injectable({ scope: Scope.REQUEST })
    class Second extends First {}
    const { receive } = await startContext([Shared, First, Second]);
    await receive({ id: '1' });
    await receive({ id: '2' });
    expect(seen).toHaveLength(4);
    expect(new Set(seen.map(({ self }) => self)).size).toBe(4);
    // Handlers of one delivery share what is scoped to it.
    expect(seen[0]!.shared).toBe(seen[1]!.shared);
    expect(seen[0]!.shared).not.toBe(seen[2]!.shared);
    for (const { request, delivery } of seen) expect(request).toBe(delivery);
  });

  it('that depends on something of request scope is resolved likewise', async () => {
    const seen: unknown[] = [];
    @Injectable({ scope: Scope.REQUEST })
    class Context {}
    @Injectable()
    class Calls {
      constructor(readonly context: Context) {}
      @OnCallEnded()
      save() {
        seen.push(this.context);
      }
    }
    const { receive } = await startContext([Context, Calls]);
    await receive({ id: '1' });
    await receive({ id: '2' });
    expect(new Set(seen).size).toBe(2);
    expect(seen[0]).toBeInstanceOf(Context);
  });

  it('of request scope may be in a controller, and under a token of its own', async () => {
    const seen: string[] = [];
    @Injectable({ scope: Scope.REQUEST })
    class Calls {
      constructor(@Inject(REQUEST) readonly request: Delivery) {}
      @OnCallEnded()
      save() {
        seen.push(`calls ${this.request.id}`);
      }
    }
    @Controller({ path: 'x', scope: Scope.REQUEST })
    class CallsController {
      constructor(@Inject(REQUEST) readonly request: Delivery) {}
      @OnCallEnded()
      save() {
        seen.push(`controller ${this.request.id}`);
      }
    }
    const { receive } = await startContext(
      [
        { provide: 'TOKEN', useClass: Calls },
        { provide: 'ALIAS', useExisting: 'TOKEN' },
      ],
      {},
      { controllers: [CallsController] },
    );
    expect(await receive({ id: '1' })).toMatchObject({ status: 'processed' });
    expect(seen.sort()).toEqual(['calls 1', 'controller 1']);
  });

  it('of transient scope is called on an object that was constructed [pitfall 15]', async () => {
    const seen: unknown[] = [];
    @Injectable()
    class Dependency {}
    @Injectable({ scope: Scope.TRANSIENT })
    class Calls {
      readonly constructed = true;
      constructor(readonly dependency: Dependency) {}
      @OnCallEnded()
      save() {
        seen.push(this.constructed && this.dependency);
      }
    }
    const { receive } = await startContext([Dependency, Calls]);
    expect(await receive()).toMatchObject({ status: 'processed' });
    expect(seen[0]).toBeInstanceOf(Dependency);
  });

  it('whose construction fails has failed', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Calls {
      constructor() {
        throw new Error('no connection');
      }
      @OnCallEnded()
      save() {}
    }
    const { receive, logs } = await startContext([Calls]);
    expect(await receive({ id: '1' })).toMatchObject({
      status: 'failed',
      handlerIds: ['Calls.save'],
    });
    expect(logs.of('error').join()).toContain('no connection');
  });
});

describe('a durable handler', () => {
  afterEach(() => ContextIdFactory.apply(undefined as unknown as ContextIdStrategy));

  it("is kept by the app's strategy, and keeps no delivery alive", async () => {
    const trees = new Map<string, ContextId>();
    ContextIdFactory.apply({
      attach(contextId: ContextId, delivery: Delivery) {
        const tree = trees.get(delivery.endpoint) ?? ContextIdFactory.create();
        trees.set(delivery.endpoint, tree);
        return {
          resolve: (info: HostComponentInfo) => (info.isTreeDurable ? tree : contextId),
          payload: { tenant: `tenant of ${delivery.endpoint}` },
        };
      },
    });
    const seen: unknown[] = [];
    @Injectable({ scope: Scope.REQUEST, durable: true })
    class Calls {
      constructor(@Inject(REQUEST) readonly request: { tenant: string }) {}
      @OnCallEnded()
      save() {
        seen.push(this, this.request.tenant);
      }
    }
    const { receive } = await startContext([Calls]);
    await receive({ id: '1' });
    await receive({ id: '2' });
    expect(seen[1]).toBe('tenant of default');
    expect(seen[0]).toBe(seen[2]);
  });
});
