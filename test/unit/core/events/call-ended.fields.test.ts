import { readFileSync } from 'node:fs';
import { validateSync } from 'class-validator';
import fc from 'fast-check';
import { CallEndedDto } from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import {
  CALL_ENDED_FIELDS,
  FLAT_TYPES,
  type Field,
} from '../../../../lib/core/events/call-ended.fields.js';
import { SAMPLE } from '../../../support/sample.js';
import { holds } from '../../../support/holds.js';

const fields: [string, Field][] = Object.entries(CALL_ENDED_FIELDS);
const flat = fields.filter(([, { type }]) => type in FLAT_TYPES);

/** Values of every kind, and those that a check might take for one another. */
const value = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', ' ', 'text', '2026-03-02', '2026-03-02T09:15:00Z'),
  fc.constantFrom<unknown>(true, 0, -1.5, Infinity, [], {}, [[]], { 0: 'a' }, '2026-13-45'),
  fc.jsonValue({ maxDepth: 2 }),
);

const isValid = (field: Field, value: unknown) =>
  value === undefined || value === null
    ? !field.isRequired
    : FLAT_TYPES[field.type as keyof typeof FLAT_TYPES].matches(value);

describe('the table of fields', () => {
  it("has those of the provider's sample, in its order", () => {
    expect(Object.keys(CALL_ENDED_FIELDS)).toEqual(
      Object.keys(JSON.parse(SAMPLE.toString()) as object),
    );
  });

  it('has examples that are valid and not empty', () => {
    const withExample = fields.filter(([, field]) => 'example' in field);
    expect(withExample).toHaveLength(5);
    for (const [, field] of withExample) {
      expect(field.example).toBeTruthy();
      expect(isValid(field, field.example)).toBe(true);
    }
  });

  it('agrees with the decorators of CallEndedDto on any value of any field', async () => {
    const seen = { valid: 0, invalid: 0 };
    await holds(
      fc.property(fc.constantFrom(...flat), value, ([name, field], any) => {
        const call = Object.assign(new CallEndedDto(), callEnded(), { [name]: any });
        Object.assign(call, { transcription: null, custom_variables: null });
        const found = validateSync(call).map(({ property }) => property);
        const valid = isValid(field, any);
        expect(found).toEqual(valid ? [] : [name]);
        seen[valid ? 'valid' : 'invalid'] += 1;
      }),
      3_000,
    );
    for (const count of Object.values(seen)) {
      expect(count).toBeGreaterThan((seen.valid + seen.invalid) / 10);
    }
  });

  it('says in the docs of the class what the class says', () => {
    const path = new URL('../../../../lib/core/events/dto/call-ended.dto.ts', import.meta.url);
    const source = readFileSync(path, 'utf8');
    for (const [name, { isRequired }] of fields) {
      expect(source).toMatch(new RegExp(`\\n  ${name}${isRequired ? '!' : '\\?'}: `));
    }
  });
});
