import type { Server } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Inject, Injectable, Scope } from '@nestjs/common';
import {
  ContextIdFactory,
  REQUEST,
  type ContextId,
  type ContextIdStrategy,
  type HostComponentInfo,
} from '@nestjs/core';
import {
  OnCallEnded,
  RevragWebhookModule,
  RevragWebhookService,
  type CallEndedDto,
  type Delivery,
} from 'nestjs-revrag-webhook';
import { afterEach, describe, expect, it } from 'vitest';
import { SECRET, startApp } from '../support/app.js';
import { PATH, genuine, post } from '../support/send.js';

interface AnyRequest {
  readonly headers: Readonly<Record<string, string>>;
}

/** As the documents of Nest have it. */
class TenantStrategy implements ContextIdStrategy<AnyRequest> {
  private readonly trees = new Map<string, ContextId>();

  attach(contextId: ContextId, request: AnyRequest) {
    const tenantId = request.headers['x-tenant-id'] ?? 'nobody';
    const tree = this.trees.get(tenantId) ?? ContextIdFactory.create();
    this.trees.set(tenantId, tree);
    return {
      resolve: (info: HostComponentInfo) => (info.isTreeDurable ? tree : contextId),
      payload: { tenantId },
    };
  }
}

@Injectable({ scope: Scope.REQUEST })
class Current {
  readonly tenant: string | undefined;

  constructor(@Inject(REQUEST) request: AnyRequest) {
    this.tenant = request.headers['x-tenant-id'];
  }
}

const seen: unknown[] = [];

@Injectable()
class Scoped {
  constructor(private readonly current: Current) {}

  @OnCallEnded()
  save() {
    seen.push(this.current.tenant);
  }
}

@Injectable({ scope: Scope.REQUEST, durable: true })
class Durable {
  constructor(@Inject(REQUEST) private readonly payload: { tenantId: string }) {}

  @OnCallEnded()
  save() {
    seen.push(`durable ${this.payload.tenantId}`);
  }
}

afterEach(() => {
  seen.length = 0;
  ContextIdFactory.apply(undefined as unknown as ContextIdStrategy);
});

describe('what stands for the request', () => {
  it('is the platform’s own for request-scoped and durable handlers', async () => {
    ContextIdFactory.apply(new TenantStrategy());
    const providers = [Current, Scoped, Durable];
    const { url } = await startApp({ imports: [RevragWebhookModule.forRoot(SECRET)], providers });
    for (const tenant of ['acme', 'initech']) {
      const { body, headers } = genuine({
        id: tenant,
        body: `{"call_status":"ENDED","call_id":"${tenant}","agent_id":"a"}`,
      });
      const sent = { body, headers: { ...headers, 'x-tenant-id': tenant } };
      expect(await post(url + PATH, sent)).toMatchObject({ status: 200 });
    }
    expect(seen.sort()).toEqual(['acme', 'durable acme', 'durable initech', 'initech']);
  });

  it('has headers without HTTP', async () => {
    ContextIdFactory.apply(new TenantStrategy());
    const providers = [Current, Scoped, Durable];
    const { app } = await startApp({ imports: [RevragWebhookModule.forRoot(SECRET)], providers });
    const { body, headers } = genuine();
    const sent = new Headers({ ...headers, 'X-Tenant-ID': 'acme' });
    const outcome = await app.get(RevragWebhookService).receive(body, sent);
    expect(outcome).toMatchObject({ status: 'processed' });
    expect(seen.sort()).toEqual(['acme', 'durable acme']);
  });

  it('is not kept by a delivery that the app keeps', async () => {
    const kept: Delivery[] = [];
    @Injectable()
    class Keeper {
      @OnCallEnded()
      save(_call: CallEndedDto, delivery: Delivery) {
        kept.push(delivery);
      }
    }
    const requests: WeakRef<object>[] = [];
    const imports = [RevragWebhookModule.forRoot(SECRET)];
    const { url } = await startApp({ imports, providers: [Keeper] }, {}, app => {
      const server = app.getHttpServer() as Server;
      server.prependListener('request', request => {
        requests.push(new WeakRef(request));
      });
    });
    expect(await post(url + PATH, genuine())).toMatchObject({ status: 200 });
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await expect
      .poll(() => {
        collect();
        return requests.map(request => request.deref());
      })
      .toEqual([undefined]);
    expect(kept[0]?.rawBody.length).toBeGreaterThan(0);
  });
});
