import { Logger } from '@nestjs/common';
import { expect, it } from 'vitest';
import { IdClashes } from '../../../../lib/core/delivery/id-clashes.js';
import { LogCollector } from '../../../support/logs.js';

it('tells of an id that came with two calls once, however often somebody repeats it', () => {
  const logs = new LogCollector();
  Logger.overrideLogger(logs);
  const clashes = new IdClashes('sales');
  const look = (id: string, call: string) =>
    clashes.warnIfClashing({ id, call, body: call }, `evt-${id}`);
  look('a', 'first');
  look('a', 'first');
  expect(logs.of('warn')).toEqual([]);
  for (let time = 0; time < 100; time += 1) {
    look('a', 'second');
    look('a', 'first');
  }
  expect(logs.of('warn')).toHaveLength(1);
  expect(logs.text).toMatch(/evt-a on sales came with another call before/);
  look('b', 'first');
  look('b', 'second');
  expect(logs.of('warn')).toHaveLength(2);
});
