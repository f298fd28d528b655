import { callEnded } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../../lib/core/events/parse-event.js';
import { verified } from '../../../support/verified.js';

describe('work', () => {
  const size = 4_600_000;
  const around = (content: string) =>
    JSON.stringify({ ...callEnded(), transcription: { messages: [{ role: 'user', content }] } });
  /** The fastest of some runs, in milliseconds: what a busy machine adds is not in it. */
  const fastest = (run: () => void) =>
    Math.min(
      ...Array.from({ length: 5 }, () => {
        const { user } = process.cpuUsage();
        run();
        return (process.cpuUsage().user - user) / 1000;
      }),
    );

  it.each([
    ['spaces and brackets', `${' '.repeat(1000)}]`],
    ['brackets', ']'],
    ['ends of messages', '},{'],
    ['the name of the list', '"messages":['],
    ['Hindi and brackets', 'ऋ]'],
  ])('for one text of %s is that for ordinary text [pitfall 36]', (_name, unit) => {
    const ordinary = verified(around('Which papers do you need? '.repeat(size / 26)));
    const hostile = verified(around(unit.repeat(size / Buffer.byteLength(unit))));
    const reference = fastest(() => parseEvent(ordinary));
    // A walk that is not linear takes hundreds of times as long at this size.
    expect(fastest(() => parseEvent(hostile))).toBeLessThan(20 * reference + 20);
  });
});
