import { Injectable } from '@nestjs/common';
import {
  OnCallEnded,
  OnRejectedDelivery,
  OnRevragEvent,
  RevragObserver,
  RevragWebhookService,
  type IdempotencyStore,
  type Outcome,
  type RevragEvent,
  type RevragWebhookOptions,
} from 'nestjs-revrag-webhook';
import { callEnded, signDelivery, type SignedDelivery } from 'nestjs-revrag-webhook/testing';
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { SECRET } from '../support/app.js';
import { startContext } from '../support/context.js';
import { deferred } from '../support/deferred.js';

/** Two handlers of `call.ended`, one of every event, and what the app hears of rejected deliveries. */
async function start(store: IdempotencyStore, options: Partial<RevragWebhookOptions> = {}) {
  const ran: string[] = [];
  const act = { save: (): unknown => undefined };
  @Injectable()
  class Calls {
    @OnCallEnded()
    save({ call_id }: { call_id: string }) {
      ran.push(`save ${call_id}`);
      return act.save();
    }
    @OnRevragEvent('*')
    audit({ call_id }: { call_id: string }) {
      ran.push(`audit ${call_id}`);
    }
    @OnRejectedDelivery()
    keep() {
      ran.push('rejected');
    }
  }
  const contents: unknown[] = [];
  @Injectable()
  class Watching extends RevragObserver {
    override onOtherContent({ payload }: RevragEvent) {
      contents.push((payload as { summary: unknown }).summary);
    }
  }
  // Instances that share a store share what it knows: a name for each test keeps them apart.
  const name = `endpoint-${randomUUID()}`;
  const context = await startContext([Calls, Watching], {
    name,
    idempotency: { store },
    ...options,
  });
  const service = context.app.get<RevragWebhookService>(`RevragWebhookService(${name})`);
  const send = ({ body, headers }: SignedDelivery, more: Record<string, string> = {}) =>
    service.receive(body, { ...headers, ...more });
  const sign = (call_id: string, id: string, more: { secret?: string; at?: number } = {}) =>
    signDelivery({
      secret: more.secret ?? SECRET,
      id,
      body: callEnded({ call_id }),
      timestamp: new Date(context.clock.now() + (more.at ?? 0) * 1000),
    });
  return { ...context, ran, act, send, sign, contents };
}

const statusOf = async (outcome: Promise<Outcome>): Promise<string> => (await outcome).status;
const fail = () => Promise.reject(new Error('database away'));

/** What one captured request, or bad luck, must not do. Run for each store. */
export function itKnowsDeliveriesByWhatIsSigned(create: () => IdempotencyStore): void {
  it('completes nothing for the handlers of the genuine type when the type is changed [pitfall 33]', async () => {
    const { send, sign, act, ran } = await start(create());
    act.save = fail;
    const captured = sign('A', 'evt-A');
    expect(await statusOf(send(captured))).toBe('failed');
    act.save = () => undefined;
    expect(await statusOf(send(captured, { 'x-webhook-event': 'call.ping' }))).toBe('duplicate');
    expect(await statusOf(send(sign('A', 'evt-A', { at: 1 })))).toBe('processed');
    expect(ran.sort()).toEqual(['audit A', 'save A', 'save A']);
    expect(await statusOf(send(sign('A', 'evt-A', { at: 2 })))).toBe('duplicate');
  });

  it('runs what is left after a changed type came first', async () => {
    const { send, sign, ran } = await start(create());
    const captured = sign('A', 'evt-A');
    expect(await statusOf(send(captured, { 'x-webhook-event': 'call.ping' }))).toBe('processed');
    expect(await statusOf(send(captured))).toBe('processed');
    expect(ran).toEqual(['audit A', 'save A']);
  });

  it('handles a delivery that comes under the id of a completed one', async () => {
    const { send, sign, ran } = await start(create());
    await send(sign('B', 'evt-B'));
    const captured = sign('A', 'evt-A');
    expect(await statusOf(send(captured, { 'x-webhook-id': 'evt-B' }))).toBe('processed');
    expect(await statusOf(send(captured))).toBe('duplicate');
    expect(ran.filter(one => one.startsWith('save'))).toEqual(['save B', 'save A']);
  });

  it('handles a delivery whose id was used before, and logs the clash', async () => {
    const { send, sign, ran, logs } = await start(create());
    expect(await statusOf(send(sign('C', 'evt-C'), { 'x-webhook-id': 'evt-B' }))).toBe('processed');
    expect(await statusOf(send(sign('B', 'evt-B')))).toBe('processed');
    expect(ran.filter(one => one.startsWith('save'))).toEqual(['save C', 'save B']);
    expect(logs.of('warn').join('\n')).toMatch(/id evt-B .* came with another call before/);
  });

  it('knows an earlier try that is replayed after a later one was processed [pitfall 34]', async () => {
    const { send, sign, ran } = await start(create());
    const first = sign('A', 'evt-A');
    await send(sign('A', 'evt-A', { at: 1 }));
    expect(await statusOf(send(first, { 'x-webhook-id': 'fresh' }))).toBe('duplicate');
    expect(ran).toEqual(['save A', 'audit A']);
  });

  it('knows the same bytes whichever secret signed them [pitfall 34]', async () => {
    const { send, sign, ran } = await start(create(), { secret: [SECRET, 'another-secret'] });
    await send(sign('A', 'evt-A'));
    const rotated = sign('A', 'evt-A-2', { secret: 'another-secret' });
    expect(await statusOf(send(rotated))).toBe('duplicate');
    expect(ran).toHaveLength(2);
  });

  it('knows the original after its bytes came under a fresh id', async () => {
    const { send, sign, act, ran } = await start(create());
    const slow = deferred();
    act.save = () => slow.promise;
    const original = sign('A', 'evt-A');
    const replay = send(original, { 'x-webhook-id': 'fresh' });
    await new Promise(resolve => setImmediate(resolve));
    expect(await statusOf(send(original))).toBe('in_progress');
    slow.resolve();
    expect(await statusOf(replay)).toBe('processed');
    expect(await statusOf(send(sign('A', 'evt-A', { at: 1 })))).toBe('duplicate');
    expect(ran).toEqual(['save A', 'audit A']);
  });

  it('leaves an expected id alone when a processed delivery is replayed under it [pitfall 33]', async () => {
    const { send, sign, ran } = await start(create());
    const processed = sign('A', 'evt-A');
    await send(processed);
    const replays = Array.from({ length: 50 }, () => send(processed, { 'x-webhook-id': 'evt-B' }));
    const genuine = send(sign('B', 'evt-B'));
    expect(await statusOf(genuine)).toBe('processed');
    for (const replay of replays) expect(await statusOf(replay)).toBe('duplicate');
    expect(ran.filter(one => one.startsWith('save'))).toEqual(['save A', 'save B']);
  });

  it('knows a body that was written anew for a retry by its id and its call', async () => {
    const { send, sign, ran, clock } = await start(create());
    await send(sign('A', 'evt-A'));
    const rewritten = signDelivery({
      secret: SECRET,
      id: 'evt-A',
      body: callEnded({ call_id: 'A', recording_url: 'https://example.com/fresh' }),
      timestamp: new Date(clock.now()),
    });
    expect(await statusOf(send(rewritten))).toBe('duplicate');
    expect(await statusOf(send(rewritten, { 'x-webhook-id': 'fresh' }))).toBe('duplicate');
    expect(ran).toHaveLength(2);
  });

  it('knows the same bytes of another type, without a call, as the same event', async () => {
    const { send, ran, clock } = await start(create());
    const sign = (body: object) =>
      signDelivery({
        secret: SECRET,
        type: 'agent.changed',
        body,
        timestamp: new Date(clock.now()),
      });
    expect(await statusOf(send(sign({ version: 1 })))).toBe('processed');
    expect(await statusOf(send(sign({ version: 1 })))).toBe('duplicate');
    expect(await statusOf(send(sign({ version: 2 })))).toBe('processed');
    expect(ran).toHaveLength(2);
  });

  it('does not take a captured body of another status for the end of the call', async () => {
    for (const by of ['delivery', 'call'] as const) {
      const store = create();
      const { send, sign, ran, clock } = await start(store, { idempotency: { store, by } });
      const started = signDelivery({
        secret: SECRET,
        id: 'evt-start',
        type: 'call.started',
        body: { call_id: 'A', agent_id: callEnded().agent_id, call_status: 'RUNNING' },
        timestamp: new Date(clock.now()),
      });
      const disguise = { 'x-webhook-event': 'call.ended', 'x-webhook-id': 'evt-A' };
      await send(started, disguise);
      expect(await statusOf(send(sign('A', 'evt-A')))).toBe('processed');
      expect(ran.filter(one => one === 'save A')).toHaveLength(2);
    }
  });

  it('gives a handler of a later release what the others have finished', async () => {
    const store = create();
    const name = `endpoint-${randomUUID()}`;
    const ran: string[] = [];
    @Injectable()
    class Old {
      @OnCallEnded()
      save() {
        ran.push('save');
      }
    }
    @Injectable()
    class New {
      @OnCallEnded()
      index() {
        ran.push('index');
      }
    }
    const options = { name, idempotency: { store } };
    const delivery = signDelivery({ secret: SECRET, body: callEnded({ call_id: 'A' }) });
    const receivedAt = new Date(Number(delivery.headers['x-webhook-timestamp']) * 1000);
    for (const providers of [[Old], [Old, New], [New]]) {
      const { app } = await startContext(providers, options);
      await app
        .get<RevragWebhookService>(`RevragWebhookService(${name})`)
        .receive(delivery.body, delivery.headers, { receivedAt });
    }
    expect(ran).toEqual(['save', 'index']);
  });

  it('offers each rejected content once', async () => {
    const { send, ran, clock } = await start(create());
    const broken = signDelivery({
      secret: SECRET,
      body: '{ broken',
      timestamp: new Date(clock.now()),
    });
    for (const id of ['a', 'b', 'c']) {
      expect(await statusOf(send(broken, { 'x-webhook-id': id }))).toBe('refused');
    }
    expect(await statusOf(send(broken, { 'x-webhook-event': 'call.ping' }))).toBe('refused');
    expect(ran).toEqual(['rejected']);
  });

  it('knows a call by itself with by: call', async () => {
    const store = create();
    const { send, sign, ran, clock, logs, contents } = await start(store, {
      idempotency: { store, by: 'call' },
    });
    await send(sign('A', 'evt-1'));
    const other = signDelivery({
      secret: SECRET,
      id: 'evt-2',
      body: callEnded({ call_id: 'A', summary: 'Another one.' }),
      timestamp: new Date(clock.now()),
    });
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await statusOf(send(other))).toBe('duplicate');
    }
    expect(logs.of('warn').filter(line => line.includes('its content differs'))).toHaveLength(1);
    expect(contents).toEqual(['Another one.']);
    expect(await statusOf(send(sign('B', 'evt-1')))).toBe('processed');
    expect(ran.filter(one => one.startsWith('save'))).toEqual(['save A', 'save B']);
  });
}
