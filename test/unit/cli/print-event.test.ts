import { PassThrough } from 'node:stream';
import { callEnded, delivery } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { printEvent } from '../../../lib/cli/listen/print-event.js';
import { Terminal } from '../../../lib/cli/terminal.js';

/** The lines of an event on a terminal of some width. */
function print(payload: object, columns = 60, type = 'call.ended'): string[] {
  const stream = Object.assign(new PassThrough(), { columns });
  const signed = { id: 'evt_1', type, timestamp: new Date('2026-06-01T12:00:00Z') };
  printEvent({ payload, delivery: delivery(signed), headers: {} }, new Terminal(stream));
  return String(stream.read()).split('\n');
}
const LABELS = 14;

describe('printEvent', () => {
  it.each([40, 41, 60])('fills %i columns, and no more', columns => {
    const words = Array.from({ length: 200 }, () => 'a').join(' ');
    const messages = [{ role: 'user', content: words }];
    const lines = print(callEnded({ summary: words, transcription: { messages } }), columns);
    const filled = lines.filter(line => / a a a/.test(line)).map(line => line.length);
    expect(Math.max(...filled)).toBeLessThanOrEqual(columns);
    expect(Math.max(...filled)).toBeGreaterThan(columns - 2);
    expect(filled.length).toBeGreaterThan(2 * Math.floor(200 / (columns - LABELS)));
  });

  it('breaks lines where the text does, and no word in two', () => {
    const lines = print(callEnded({ summary: `one\ntwo ${'x'.repeat(80)} three` }));
    const from = lines.findIndex(line => line.includes('summary'));
    expect(lines.slice(from, from + 4)).toEqual([
      '  summary     one',
      `${' '.repeat(LABELS)}two`,
      `${' '.repeat(LABELS)}${'x'.repeat(80)}`,
      `${' '.repeat(LABELS)}three`,
    ]);
  });

  it('leaves out what a call does not have', () => {
    const bare = { call_status: 'ENDED', call_id: 'c', agent_id: 'a' };
    expect(print(bare)).toEqual([
      '',
      'call.ended  evt_1  signed 2026-06-01T12:00:00.000Z',
      '  call        c',
      '  agent       a',
      '  status      ENDED',
      '',
    ]);
  });

  it('has an event of another type as JSON', () => {
    expect(print({ a: [1] }, 60, 'call.started').slice(2)).toEqual([
      '{',
      '  "a": [',
      '    1',
      '  ]',
      '}',
      '',
    ]);
  });
});
