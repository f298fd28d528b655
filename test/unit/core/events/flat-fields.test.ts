import { isISO8601, validateSync } from 'class-validator';
import fc from 'fast-check';
import { CallEndedDto } from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { areFlatFieldsValid, isTime } from '../../../../lib/core/events/flat-fields.js';

const usual: Record<string, unknown> = { ...callEnded() };
delete usual.transcription;
delete usual.custom_variables;

/** Values of every kind, and those that a check might take for one another. */
const value = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', ' ', 'text', '2026-03-02', '2026-03-02T09:15:00Z'),
  fc.constantFrom<unknown>(true, 0, -1.5, Infinity, [], {}, [[]], { 0: 'a' }, '2026-13-45'),
  fc.jsonValue({ maxDepth: 2 }),
);

describe('areFlatFieldsValid', () => {
  it('agrees with the decorators of CallEndedDto on anything', () => {
    let valid = 0;
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...Object.keys(usual)), value, { maxKeys: 3 }),
        fields => {
          const call = Object.assign(new CallEndedDto(), usual, fields);
          const isValid = areFlatFieldsValid(call);
          expect(isValid).toBe(validateSync(call).length === 0);
          valid += isValid ? 1 : 0;
        },
      ),
      { numRuns: 2_000 },
    );
    expect(valid).toBeGreaterThan(100);
  });
});

describe('isTime', () => {
  const part = (max: number) => fc.integer({ min: 0, max });
  const two = (number: number) => String(number).padStart(2, '0');
  /** Times in the usual form, also with parts that are out of range, and with something put in or taken out. */
  const time = fc
    .record({
      date: fc.tuple(fc.integer({ min: 0, max: 12_000 }), part(14), part(33)),
      time: fc.tuple(part(26), part(62), part(62)),
      fraction: fc.constantFrom('', '.', '.0', '.123456', ',5'),
      zone: fc.oneof(
        fc.constantFrom('', 'Z', 'z', '+00', '+0530', ' +05:30', 'Z\n'),
        fc
          .tuple(fc.constantFrom('+', '-'), part(26), part(62))
          .map(([sign, hours, minutes]) => `${sign}${two(hours)}:${two(minutes)}`),
      ),
      cut: fc.nat({ max: 60 }),
      put: fc.constantFrom('', '', '', '0', ':', '-', 'T', ' ', '１'),
    })
    .map(({ date: [year, month, day], time, fraction, zone, cut, put }) => {
      const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
      const text = `${date}T${time.map(two).join(':')}${fraction}${zone}`;
      return text.slice(0, cut) + put + text.slice(put === '0' ? cut : cut + 1);
    });

  it('agrees with class-validator on anything that looks like a time', () => {
    let valid = 0;
    fc.assert(
      fc.property(time, text => {
        const isValid = isISO8601(text);
        expect(isTime(text)).toBe(isValid);
        valid += isValid ? 1 : 0;
      }),
      { numRuns: 20_000 },
    );
    expect(valid).toBeGreaterThan(1_000);
  });

  it('agrees with class-validator on other values', () => {
    fc.assert(
      fc.property(value, any => {
        expect(isTime(any)).toBe(isISO8601(any));
      }),
    );
  });
});
