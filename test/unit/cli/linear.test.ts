import { signDelivery } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../lib/cli/verify/diagnose.js';
import { readCapture } from '../../../lib/cli/verify/read-capture.js';
import { SECRET } from '../../support/app.js';

const SIZE = 30_000;
const FACTOR = 6;
/** Six times the size is six times the work; were it quadratic, it would be 36 times. */
const MOST = FACTOR * 2.5;
/** Below that, a collection of garbage counts for more than the work. */
const FLOOR_MS = 60;

/** Time of the processor, which other processes don't add to. */
function cpu(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function expectLinear(work: (size: number) => void): void {
  work(SIZE);
  const small = cpu(() => work(SIZE));
  expect(cpu(() => work(SIZE * FACTOR))).toBeLessThan(Math.max(small, FLOOR_MS) * MOST);
}

const UNITS: readonly string[] = [
  ' ',
  '\n',
  '\r',
  '\t\n ',
  'a',
  'a ',
  '"',
  '""',
  "'",
  '`',
  '\\',
  '\\"',
  '^',
  '^"',
  '[',
  '{',
  '{a',
  '{a:',
  '[a: ',
  '[A ',
  '<ref *1> ',
  '<Buffer 00 ',
  '... 1 more ',
  'Symbol(',
  '$([char]1',
  '@{"a"=',
  'curl ',
  '\ncurl -d "',
  '> a: b\n',
  'Invoke-WebRequest -Body "',
  'Request Headers\n',
  '%',
  'QUJD',
];

describe('the time that verify takes [pitfall 36]', () => {
  it.each(UNITS)('grows no faster than what it reads, full of %j', unit => {
    expectLinear(size => {
      for (const start of [
        '',
        '{ "x-webhook-signature": ',
        "curl -H 'x-webhook-signature: t' -d ",
      ]) {
        try {
          readCapture(Buffer.from(start + unit.repeat(size / unit.length)), undefined);
        } catch {
          // Most of them are no captures.
        }
      }
    });
  });

  it.each(UNITS)('grows no faster than a body, full of %j', unit => {
    const { headers } = signDelivery({ secret: 'another', body: '{}' });
    expectLinear(size => {
      const filling = unit.repeat(size / unit.length);
      for (const body of [`{}${filling}x`, `{"a":${JSON.stringify(filling)}}`]) {
        diagnose({
          request: { headers, body: Buffer.from(body) },
          secrets: [SECRET],
          now: new Date(),
          tolerance: 300,
        });
      }
    });
  });

  it('grows no faster than a secret', () => {
    const { body, headers } = signDelivery({ secret: 'another', body: '{}' });
    expectLinear(size => {
      for (const unit of [' ', '"', 'a', 'a=']) {
        diagnose({
          request: { headers, body: Buffer.from(body) },
          secrets: [`x${unit.repeat(size)}x`],
          now: new Date(),
          tolerance: 300,
        });
      }
    });
  });
});
