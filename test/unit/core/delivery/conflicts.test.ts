import { Logger } from '@nestjs/common';
import type { RevragEvent } from 'nestjs-revrag-webhook';
import { beforeEach, expect, it } from 'vitest';
import { Conflicts } from '../../../../lib/core/delivery/conflicts.js';
import { LogCollector } from '../../../support/logs.js';

let logs: LogCollector;
let others: RevragEvent[];
let conflicts: Conflicts;

const eventOf = (id: string) => ({ delivery: { id, endpoint: 'sales' } }) as RevragEvent;

beforeEach(() => {
  logs = new LogCollector();
  Logger.overrideLogger(logs);
  others = [];
  conflicts = new Conflicts({ otherContent: (event: RevragEvent) => others.push(event) } as never);
});

it('reports an id that came with two calls once, however often somebody repeats it', () => {
  const look = (id: string, call: string) =>
    conflicts.reportReusedId({ id, call, body: call }, eventOf(`evt-${id}`));
  look('a', 'first');
  look('a', 'first');
  expect(logs.of('warn')).toEqual([]);
  for (let time = 0; time < 100; time += 1) {
    look('a', 'second');
    look('a', 'first');
  }
  expect(logs.of('warn')).toHaveLength(1);
  expect(logs.text).toMatch(/evt-a on sales came with another call before.* RevragWebhook$/);
  look('b', 'first');
  look('b', 'second');
  expect(logs.of('warn')).toHaveLength(2);
});

it('reports each other content of a call once', () => {
  const look = (call: string, body: string) =>
    conflicts.reportOtherContent('handled', { id: 'i', call, body }, eventOf(`${call}-${body}`));
  look('c', 'handled');
  expect(others).toEqual([]);
  for (let time = 0; time < 2; time += 1) {
    look('c', 'rewritten');
    look('c', 'again');
    look('d', 'rewritten');
  }
  const ids = ['c-rewritten', 'c-again', 'd-rewritten'];
  expect(others.map(({ delivery }) => delivery.id)).toEqual(ids);
  expect(logs.of('warn')).toHaveLength(3);
  expect(logs.text).toMatch(/c-again on sales is a duplicate by its call/);
});
