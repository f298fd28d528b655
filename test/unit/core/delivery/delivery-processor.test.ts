import { Logger } from '@nestjs/common';
import type { RevragEvent } from 'nestjs-revrag-webhook';
import { beforeEach, describe, expect, it } from 'vitest';
import { Announcements } from '../../../../lib/core/delivery/announcements.js';
import { Claims } from '../../../../lib/core/delivery/claims.js';
import { Conflicts } from '../../../../lib/core/delivery/conflicts.js';
import { DeliveryProcessor } from '../../../../lib/core/delivery/delivery-processor.js';
import type { DeliverySink } from '../../../../lib/core/delivery/delivery-sink.js';
import { HandlerLimits } from '../../../../lib/core/delivery/handler-limits.js';
import { InFlight } from '../../../../lib/core/delivery/in-flight.js';
import { parseEvent } from '../../../../lib/core/events/parse-event.js';
import type { HandlerResult } from '../../../../lib/core/handlers/handler.js';
import type { IdempotencyScope } from '../../../../lib/core/idempotency/idempotency-store.js';
import { LogCollector } from '../../../support/logs.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { UnreliableStore } from '../../../support/unreliable-store.js';
import { verified } from '../../../support/verified.js';

beforeEach(() => Logger.overrideLogger(new LogCollector()));

const CALL = { call_id: 'c', agent_id: 'a', call_status: 'ENDED' };
const eventOf = (id = 'evt_1', more: object = {}) =>
  parseEvent(verified({ ...CALL, ...more }, { id }));

/** A processor whose sink answers as it is set to, for handlers A and B. */
function setUp(by: IdempotencyScope = 'delivery') {
  const clock = new ManualClock();
  const store = new UnreliableStore();
  const others: RevragEvent[] = [];
  const announced: string[] = [];
  const observers = {
    otherContent: (event: RevragEvent) => others.push(event),
    stuckHandlers: () => undefined,
  } as never;
  const announcements = new Announcements();
  announcements.events$.subscribe(({ delivery }) => announced.push(delivery.id));
  const inFlight = new InFlight(clock);
  const ran: string[][] = [];
  const act: { sink: (ids: string[]) => HandlerResult[] } = {
    sink: ids => ids.map(() => ({ status: 'finished' })),
  };
  const sink: DeliverySink = {
    dispatch: (_event, handlers) => {
      const ids = handlers.map(({ id }) => id);
      ran.push(ids);
      return act.sink(ids).map(result => Promise.resolve(result));
    },
  };
  const processor = new DeliveryProcessor({
    registry: { match: () => ['A', 'B'].map(id => ({ id })) } as never,
    claims: new Claims(store, { by, lease: 60_000, retention: 3_600_000 }, clock),
    conflicts: new Conflicts(observers),
    sink,
    limits: new HandlerLimits(
      { handlerTimeout: undefined, graceTimeout: 0, onStuck: 'keep' },
      clock,
      observers,
    ),
    announcements,
    inFlight,
    clock,
  });
  return { processor, store, clock, act, ran, others, announced, inFlight };
}

describe('a delivery', () => {
  it.each(['finished', 'queued'] as const)('that is %s is so once', async status => {
    const { processor, act, ran, announced, inFlight, clock } = setUp();
    act.sink = ids => ids.map(() => ({ status }));
    expect(await processor.process(eventOf())).toEqual({
      status: status === 'finished' ? 'processed' : 'queued',
      id: 'evt_1',
      handlerIds: ['A', 'B'],
    });
    expect(await processor.process(eventOf())).toEqual({ status: 'duplicate', id: 'evt_1' });
    expect(ran).toEqual([['A', 'B']]);
    expect(announced).toEqual(['evt_1']);
    expect([inFlight.size, clock.pending]).toEqual([0, 0]);
  });

  it('that cannot be persisted is refused, and claimed by nobody', async () => {
    const { processor, act, store, announced, inFlight, clock } = setUp();
    const { sink } = act;
    act.sink = () => {
      throw new Error('queue away');
    };
    const outcome = await processor.process(eventOf());
    expect(outcome).toMatchObject({
      status: 'refused',
      error: { code: 'store_unavailable', message: expect.stringContaining('Send') as string },
    });
    expect(store.asked).toEqual(['claim', 'end']);
    expect(announced).toEqual([]);
    expect([inFlight.size, clock.pending]).toEqual([0, 0]);
    act.sink = sink;
    expect(await processor.process(eventOf())).toMatchObject({ status: 'processed' });
  });

  it('that a handler abandoned is so, and done', async () => {
    const { processor, act, announced } = setUp();
    const error = new Error('no');
    act.sink = () => [{ status: 'abandoned', error }, { status: 'finished' }];
    expect(await processor.process(eventOf())).toEqual({
      status: 'abandoned',
      id: 'evt_1',
      handlerIds: ['A', 'B'],
      abandoned: ['A'],
    });
    expect(announced).toEqual(['evt_1']);
    expect(await processor.process(eventOf())).toMatchObject({ status: 'duplicate' });
  });

  it('that a handler abandoned and another failed is failed, and the rest is left', async () => {
    const { processor, act, ran, announced } = setUp();
    const error = new Error('no');
    act.sink = ids =>
      ids.map(handlerId => ({
        status: handlerId === 'A' ? 'abandoned' : 'failed',
        error,
      }));
    const [handlerIds, unfinished] = [['A', 'B'], ['B']];
    const failed = { status: 'failed', id: 'evt_1', handlerIds, unfinished };
    expect(await processor.process(eventOf())).toEqual(failed);
    await processor.process(eventOf());
    expect(ran).toEqual([['A', 'B'], ['B']]);
    expect(announced).toEqual([]);
  });

  it.each([
    [1, 1],
    [1_000, 1],
    [1_001, 2],
    [59_000, 59],
  ])('that another holds for %i ms is to come again in %i s', async (retryAfter, seconds) => {
    const { processor, store } = setUp();
    store.claim = () => ({ status: 'in_progress', retryAfter });
    expect(await processor.process(eventOf())).toEqual({
      status: 'in_progress',
      id: 'evt_1',
      retryAfter: seconds,
    });
  });

  it('whose call is known has its other content reported once it is a duplicate, not before', async () => {
    const { processor, act, others } = setUp('call');
    const error = new Error('no');
    const { sink } = act;
    act.sink = ids => ids.map(() => ({ status: 'failed', error }));
    await processor.process(eventOf());
    const other = eventOf('evt_2', { summary: 'Another one.' });
    await processor.process(other);
    expect(others).toEqual([]);
    act.sink = sink;
    await processor.process(eventOf());
    expect(await processor.process(eventOf())).toMatchObject({ status: 'duplicate' });
    expect(others).toEqual([]);
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await processor.process(other)).toMatchObject({ status: 'duplicate' });
    }
    expect(others).toEqual([other]);
  });
});
