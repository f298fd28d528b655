import { validateSync } from 'class-validator';
import fc from 'fast-check';
import { CallEndedDto } from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { areFlatFieldsValid } from '../../../lib/events/flat-fields.js';

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
