import fc from 'fast-check';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { CallEndedDto } from '../../lib/events/dto/call-ended.dto.js';
import { CustomVariableDto } from '../../lib/events/dto/custom-variable.dto.js';
import { takeUsualFields } from '../../lib/events/usual-fields.js';

const usual: Record<string, unknown> = { ...callEnded() };
delete usual.transcription;

/** Values of every kind, and those that a check might take for one another. */
const value = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', ' ', 'text', '2026-03-02', '2026-03-02T09:15:00Z'),
  fc.constantFrom<unknown>(true, 0, -1.5, Infinity, [], {}, [[]], [null], [{}], [{ key: '' }]),
  fc.constantFrom<unknown>([{ key: 'a' }], [{ key: 'a', type: null }], [{ key: 'a', type: 1 }]),
  fc.constantFrom<unknown>([{ key: 'a', value: { deep: [1] }, more: 1 }], [{ key: 1 }], { 0: 'a' }),
  fc.jsonValue({ maxDepth: 2 }),
);
const payload = fc
  .dictionary(fc.constantFrom(...Object.keys(usual), 'from_number', 'custom_metadata'), value, {
    maxKeys: 4,
  })
  .map(fields => ({ ...usual, ...fields }));

describe('takeUsualFields', () => {
  it('takes the fields of the sample', () => {
    const call = takeUsualFields(usual);
    expect(call).toBeInstanceOf(CallEndedDto);
    expect(call?.custom_variables?.[0]).toBeInstanceOf(CustomVariableDto);
  });

  it('agrees with class-validator on what is valid, and with class-transformer on the outcome', () => {
    let taken = 0;
    fc.assert(
      fc.property(payload, fields => {
        const expected = plainToInstance(CallEndedDto, fields);
        const call = takeUsualFields(fields);
        expect(call !== undefined).toBe(validateSync(expected).length === 0);
        if (call) expect(call).toStrictEqual(expected);
        taken += call ? 1 : 0;
      }),
      { numRuns: 1_000 },
    );
    expect(taken).toBeGreaterThan(50);
  });
});
