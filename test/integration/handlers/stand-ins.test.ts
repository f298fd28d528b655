import { Injectable, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  CallEndedDto,
  Delivery,
  OnCallEnded,
  OnRejectedDelivery,
  OnRevragEvent,
  RevragWebhookModule,
  RevragWebhookService,
} from 'nestjs-revrag-webhook';
import { describe, expect, it, vi } from 'vitest';
import { SECRET } from '../../support/app.js';
import { startContext } from '../../support/context.js';
import { genuine } from '../../support/send.js';

@Injectable()
class Calls {
  @OnCallEnded({ agentId: '33333333-3333-3333-3333-333333333333' })
  save() {
    throw new Error('the real one was called');
  }
  @OnCallEnded()
  bill() {
    throw new Error('the real one was called');
  }
}

async function receiveWith(
  replace: (module: ReturnType<typeof Test.createTestingModule>) => unknown,
) {
  const builder = Test.createTestingModule({
    imports: [RevragWebhookModule.forRoot(SECRET)],
    providers: [Calls],
  });
  replace(builder);
  const module = await builder.compile();
  const app = await module.init();
  const { body, headers } = genuine();
  try {
    return await app.get(RevragWebhookService).receive(body, headers);
  } finally {
    await app.close();
  }
}

describe('what stands in for a provider in a test', () => {
  it('is called in its place: an object with the methods it needs', async () => {
    const save = vi.fn();
    const outcome = await receiveWith(it => it.overrideProvider(Calls).useValue({ save }));
    expect(outcome).toMatchObject({ status: 'processed' });
    expect(save.mock.calls).toEqual([[expect.any(CallEndedDto), expect.any(Delivery)]]);
  });

  it('may have no prototype, and methods of its own', async () => {
    const save = vi.fn();
    const object = Object.assign(Object.create(null) as object, { save, other: vi.fn() });
    const outcome = await receiveWith(it => it.overrideProvider(Calls).useValue(object));
    expect(outcome).toMatchObject({ status: 'processed', handlerIds: ['Calls.save'] });
    expect(save).toHaveBeenCalledOnce();
  });

  it('may be made by a factory, and keeps the id of the handler', async () => {
    const save = vi.fn(() => Promise.reject(new Error('as the test wants it')));
    const outcome = await receiveWith(it =>
      it.overrideProvider(Calls).useFactory({ factory: () => ({ save }) }),
    );
    expect(outcome).toMatchObject({ status: 'failed', handlerIds: ['Calls.save'] });
  });

  it('may be of a class that extends it', async () => {
    const bill = vi.fn();
    class Fake extends Calls {
      override save() {}
    }
    Object.defineProperty(Calls.prototype, 'bill', { value: bill, configurable: true });
    const outcome = await receiveWith(it => it.overrideProvider(Calls).useClass(Fake));
    expect(outcome).toMatchObject({ status: 'processed' });
    expect(bill).toHaveBeenCalledOnce();
  });

  it('may be without any of its methods', async () => {
    const outcome = await receiveWith(it => it.overrideProvider(Calls).useValue({}));
    expect(outcome).toMatchObject({ status: 'ignored' });
  });
});

/** As a minifier leaves it. */
function minified(name: string, id?: string): Type {
  class Calls {
    @OnCallEnded({ id })
    save() {}
  }
  Injectable()(Calls);
  Object.defineProperty(Calls, 'name', { value: name });
  return Calls;
}

describe('a handler of a class with a minified name', () => {
  it.each(['a', '_t', '$', ''])('such as %j is named at boot, with the cure', async name => {
    const { logs } = await startContext([minified(name), minified('z9')]);
    const line = logs.of('warn').join();
    expect(line).toContain(`${name}.save, z9.save: the class name looks minified`);
    expect(line).toContain("@OnCallEnded({ id: 'Calls.save' })");
  });

  it('is no matter with an id, on one of its decorators, which is the same in each build', async () => {
    const Calls = minified('a', 'Calls.save');
    const { prototype } = Calls as { prototype: object };
    OnRevragEvent('call.started')(
      prototype,
      'save',
      Object.getOwnPropertyDescriptor(prototype, 'save')!,
    );
    const { receive, logs } = await startContext([Calls]);
    expect(logs.of('warn')).toEqual([]);
    expect(logs.text).toContain('Handler Calls.save: call.ended; call.started');
    expect(await receive()).toMatchObject({ status: 'processed' });
  });

  it('is no matter with an id for rejected deliveries alone', async () => {
    class Calls {
      @OnRejectedDelivery({ id: 'Calls.keep' })
      keep() {}
    }
    Injectable()(Calls);
    Object.defineProperty(Calls, 'name', { value: 'a' });
    const { logs } = await startContext([Calls]);
    expect(logs.text).toContain('Handler Calls.keep: rejected deliveries');
    expect(logs.text).not.toContain('minified');
    expect(logs.of('warn').join()).toMatch(
      /^No handler matches the deliveries of endpoint default/,
    );
  });

  it('is not taken for one where the name only is short', async () => {
    const { logs } = await startContext([minified('Crm')]);
    expect(logs.of('warn')).toEqual([]);
  });
});
