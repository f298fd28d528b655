import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { SendReport } from '../../../lib/cli/send/send-report.js';
import { Tally } from '../../../lib/cli/send/tally.js';
import { Terminal, type Output } from '../../../lib/cli/terminal.js';

function output(terminal: Partial<Output> = {}): { stream: Output; text: () => string } {
  const stream = Object.assign(new PassThrough(), terminal);
  return { stream, text: () => String(stream.read() ?? '') };
}

describe('Terminal', () => {
  it('paints on a terminal that has colours, and nowhere else', () => {
    const has = (isTTY: boolean, colours: boolean) =>
      new Terminal(output({ isTTY, hasColors: () => colours }).stream);
    expect(has(true, true).paint('red', 'text')).toBe('\u001b[31mtext\u001b[39m');
    // This is what a terminal says of itself under NO_COLOR.
    expect(has(true, false).paint('red', 'text')).toBe('text');
    expect(has(false, true).paint('red', 'text')).toBe('text');
    expect(new Terminal(output().stream).paint('red', 'text')).toBe('text');
  });

  it('hides a secret in all that it writes, also in its JSON form and without its line end', () => {
    const [out, err] = [output(), output()];
    const terminal = new Terminal(out.stream, err.stream);
    terminal.hide('quo"ted-secret\n');
    terminal.out('it is quo"ted-secret');
    terminal.json({ a: 'quo"ted-secret\n' });
    terminal.err('quo"ted-secret');
    terminal.progress('quo"ted-secret');
    expect(out.text() + err.text()).not.toContain('ted-secret');
  });
});

it('hides secrets of four characters and more, as shorter ones would be taken for text', () => {
  const out = output();
  const terminal = new Terminal(out.stream);
  for (const secret of ['abc', 'wxyz']) terminal.hide(secret);
  terminal.out('abc wxyz');
  expect(out.text()).toBe('abc ***\n');
});

describe('progress', () => {
  it.each([20, 43, 80, 200])('fits a terminal of %i columns', columns => {
    const err = output({ isTTY: true, hasColors: () => false, ...{ columns } });
    const terminal = new Terminal(output().stream, err.stream);
    const report = new SendReport({
      terminal,
      json: false,
      total: 100_000,
      url: new URL('http://localhost'),
      tampered: false,
    });
    const tally = new Tally(false);
    const attempt = { id: 'evt_1', type: 'call.ended', ms: 1, status: 200 };
    tally.add(attempt);
    report.add(attempt, tally);
    const drawn = err.text().split('\r\u001b[2K');
    expect(drawn.length).toBeGreaterThan(1);
    expect(Math.max(...drawn.map(line => line.length))).toBeLessThan(columns);
  });
});

describe('the summary', () => {
  it('has the most frequent answer first', () => {
    const out = output();
    const report = new SendReport({
      terminal: new Terminal(out.stream, output().stream),
      json: false,
      total: 3,
      url: new URL('http://localhost'),
      tampered: false,
    });
    const tally = new Tally(false);
    const attempt = { id: 'evt_1', type: 'call.ended', ms: 1 };
    // An object lists a key such as "404" before all others.
    for (const answer of ['processed', 'processed', undefined]) {
      tally.add({ ...attempt, status: answer ? 200 : 404, ...(answer && { answer }) });
    }
    report.finish(tally, false);
    const lines = out.text().split('\n');
    expect(lines[0]).toMatch(/^3 sent, 2 accepted in /);
    expect(lines.slice(1, 3)).toEqual(['        2  200 processed', '        1  404']);
  });
});
