import { Injectable } from '@nestjs/common';
import { type } from 'arktype';
import { Transform, Type } from 'class-transformer';
import {
  IsBoolean,
  IsDefined,
  IsIn,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  ValidateNested,
  registerDecorator,
} from 'class-validator';
import {
  OnCallEnded,
  RevragConfigurationError,
  RevragPermanentError,
  variablesOf,
  type CallEndedDto,
  type Delivery,
  type VariablesSource,
} from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { argumentsFor } from '../../../lib/core/handlers/handler-arguments.js';
import { ownMethodsOf } from '../../../lib/core/handlers/method-metadata.js';
import { parseEvent } from '../../../lib/core/events/parse-event.js';
import { startContext } from '../../support/context.js';
import { verified } from '../../support/verified.js';

/** Text that must never come back. */
const PERSONAL = 'my PIN is 4711';

class Address {
  @IsString()
  city!: string;
}

class LoanVariables {
  @IsBoolean()
  interested!: boolean;

  @IsOptional()
  @IsNumber()
  @Max(1_000_000)
  amount?: number;

  @IsOptional()
  @ValidateNested()
  @Type(() => Address)
  address?: Address;
}

class WithMap {
  @ValidateNested({ each: true })
  @Type(() => Address)
  scores!: Map<string, Address>;
}

const schemas: Readonly<Record<string, VariablesSource>> = {
  'a class': LoanVariables,
  Zod: z.object({
    interested: z.boolean(),
    amount: z.number().max(1_000_000).optional(),
    address: z.object({ city: z.string() }).optional(),
  }),
  Valibot: v.object({
    interested: v.boolean(),
    amount: v.optional(v.pipe(v.number(), v.maxValue(1_000_000))),
    address: v.optional(v.object({ city: v.string() })),
  }),
  ArkType: type({
    interested: 'boolean',
    'amount?': 'number<=1000000',
    'address?': { city: 'string' },
  }),
};

const variable = (key: string, value: unknown) => ({ key, value });
const callWith = (...custom_variables: { key: string; value: unknown }[]) =>
  callEnded({ custom_variables });

/** A provider with a handler that has its variables, and one that asks for none. */
function handlers(variables: VariablesSource) {
  const seen: unknown[] = [];
  @Injectable()
  class Calls {
    @OnCallEnded({ variables })
    loan(_call: CallEndedDto, _delivery: Delivery, given: unknown) {
      seen.push(given);
    }
    @OnCallEnded()
    other() {
      seen.push('other');
    }
  }
  return { Calls, seen };
}

/** What the handler would be called with, or why it is not. */
async function read(variables: VariablesSource, payload: object): Promise<unknown> {
  const { Calls } = handlers(variables);
  const subscriptions = ownMethodsOf(Calls.prototype)!.get('loan')!;
  const [, , given] = await argumentsFor({ subscriptions }, parseEvent(verified(payload)));
  return given;
}
async function misfit(variables: VariablesSource, payload: object): Promise<RevragPermanentError> {
  const error: unknown = await read(variables, payload).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RevragPermanentError);
  return error as RevragPermanentError;
}

describe.each(Object.entries(schemas))('variables by %s', (name, schema) => {
  it('reach the handler as they fit', async () => {
    const { Calls, seen } = handlers(schema);
    const { receive } = await startContext([Calls]);
    const body = callWith(
      variable('interested', true),
      variable('amount', 5000),
      variable('address', { city: 'Pune' }),
    );
    expect(await receive({ body })).toMatchObject({ status: 'processed' });
    const given = seen.find(one => one !== 'other');
    expect(given).toEqual({ interested: true, amount: 5000, address: { city: 'Pune' } });
    if (name === 'a class') expect(given).toBeInstanceOf(LoanVariables);
  });

  it('that do not fit fail that handler alone, for good, without being called', async () => {
    const { Calls, seen } = handlers(schema);
    const { receive, logs } = await startContext([Calls]);
    const body = callWith(variable('interested', PERSONAL));
    expect(await receive({ body })).toMatchObject({
      status: 'abandoned',
      abandoned: ['Calls.loan'],
    });
    expect(await receive({ body })).toMatchObject({ status: 'duplicate' });
    expect(seen).toEqual(['other']);
    expect(logs.text).toContain('The variables of the call do not fit');
    expect(logs.text).not.toContain('4711');
  });

  it.each([
    ['of another type, as no type is converted', 'interested', 'false'],
    ['out of bounds', 'amount', 2_000_000],
    ['of another type within', 'address', { city: 7, [PERSONAL]: PERSONAL }],
    ['a list for an object', 'address', ['x']],
  ])('%s are named, never quoted [pitfall 23]', async (_case, key, value) => {
    const payload = callWith(variable('interested', true), variable(key, value));
    const { message } = await misfit(schema, payload);
    expect(message).toMatch(new RegExp(`: ${key}[\\w.*[\\]]* \\(\\w+\\)`));
    for (const text of ['4711', 'false', '2000000']) {
      expect(message).not.toContain(text);
    }
  });

  it('that are missing do not fit', async () => {
    for (const custom_variables of [[], null, undefined]) {
      const { message } = await misfit(schema, { ...callEnded(), custom_variables });
      expect(message).toContain('interested (');
    }
  });

  it('may come from variables_fields', async () => {
    const source = { schema, from: 'variables_fields' } as VariablesSource;
    const variables_fields = { interested: false };
    expect(await read(source, { ...callEnded(), variables_fields })).toEqual(variables_fields);
    await misfit(source, { ...callWith(variable('interested', true)), variables_fields: null });
  });
});

describe('a schema', () => {
  it('may convert, and check asynchronously', async () => {
    const schema = z.object({
      amount: z.string().transform(Number),
      known: z.string().refine(id => Promise.resolve(id === 'loan_1')),
    });
    const payload = (id: string) => callWith(variable('amount', '5000'), variable('known', id));
    expect(await read(schema, payload('loan_1'))).toEqual({ amount: 5000, known: 'loan_1' });
    expect((await misfit(schema, payload('loan_2'))).message).toContain('known (custom)');
  });

  it('of a class may check asynchronously', async () => {
    class Known {
      @IsString()
      id!: string;
    }
    registerDecorator({
      name: 'isKnown',
      target: Known,
      propertyName: 'id',
      validator: { validate: (id: string) => Promise.resolve(id === 'loan_1') },
    });
    expect(await read(Known, callWith(variable('id', 'loan_1')))).toEqual({ id: 'loan_1' });
    const { message } = await misfit(Known, callWith(variable('id', 'loan_2')));
    expect(message).toContain('id (isKnown)');
  });

  it('of a class may have its decorators in groups', async () => {
    class Grouped {
      @IsString({ groups: ['loans'] })
      id!: string;
    }
    expect(await read(Grouped, callWith(variable('id', 'x')))).toEqual({ id: 'x' });
    expect((await misfit(Grouped, callEnded())).message).toContain('id (isString)');
  });

  it('never has a name that the sender chose in what is said', async () => {
    const schema = z.object({ scores: z.record(z.string(), z.number()) });
    const { message } = await misfit(schema, callWith(variable('scores', { [PERSONAL]: 'x' })));
    expect(message).toContain('scores.* (invalid_type)');
  });

  it.each<[string, VariablesSource]>([
    ['Zod: a record', z.record(z.string(), z.number())],
    ['Zod: a record of numerals', z.record(z.string().regex(/^\d+$/), z.number())],
    ['Zod: an object with a catchall', z.object({ known: z.number() }).catchall(z.number())],
    ['Zod: a strict object', z.strictObject({ known: z.number() })],
    ['Valibot: a record', v.record(v.string(), v.number())],
    ['Valibot: an object with a rest', v.objectWithRest({ known: v.number() }, v.number())],
    ['Valibot: a strict object', v.strictObject({ known: v.number() })],
    ['ArkType: an index signature', type({ '[string]': 'number' })],
    ['ArkType: an index signature beside a name', type({ known: 'number', '[string]': 'number' })],
    ['ArkType: an object that rejects others', type({ '+': 'reject', known: 'number' })],
    ['a class with a map', WithMap],
  ])('%s: no key of the payload is in the message or the log', async (_name, schema) => {
    // As plain as a name in code: nothing in its form says that it is a person's.
    const phone = '919876543210';
    const { Calls } = handlers(schema);
    const { receive, logs } = await startContext([Calls]);
    const body = callWith(
      variable('known', 'x'),
      variable(phone, 'x'),
      variable('scores', { [phone]: { city: 7 } }),
    );
    const { message } = await misfit(schema, body);
    expect(message).toContain('do not fit');
    expect(await receive({ body })).toMatchObject({ status: 'abandoned' });
    expect(logs.text).toContain('do not fit');
    for (const text of [message, logs.text]) expect(text).not.toContain(phone);
  });

  it('beside which a rest is checked is still named', async () => {
    const checkedLater = v.pipeAsync(
      v.number(),
      v.checkAsync(() => Promise.resolve(true)),
    );
    const schemas = [
      z.object({ known: z.number() }).catchall(z.number()),
      v.objectWithRest({ known: v.number() }, v.number()),
      v.objectWithRestAsync({ first: checkedLater, known: v.number() }, v.number()),
      type({ known: 'number', '[string]': 'number' }),
    ];
    for (const schema of schemas) {
      const payload = callWith(
        variable('first', 1),
        variable('known', 'x'),
        variable('other', 'x'),
      );
      const { message } = await misfit(schema, payload);
      expect(message).toMatch(/known \(\w+\)/);
      expect(message).not.toContain('other');
    }
  });

  it.each([
    [2, 'v0 (invalid_type), v1 (invalid_type).'],
    [10, 'v9 (invalid_type).'],
    [11, 'v9 (invalid_type) and 1 more.'],
    [30, 'v9 (invalid_type) and 20 more.'],
  ])('that finds %i problems names ten at most', async (length, named) => {
    const fields = Object.fromEntries(Array.from({ length }, (_, i) => [`v${i}`, z.string()]));
    const { message } = await misfit(z.object(fields), callEnded());
    expect(message).toContain(`${named} The handler was not called.`);
  });

  it('of a class names the first problem of each variable', async () => {
    const payload = callWith(variable('interested', 'no'), variable('amount', 'much'));
    const { message } = await misfit(LoanVariables, payload);
    expect(message).toContain(': interested (isBoolean), amount (max). The handler');
  });

  it.each<[string, object, named: string]>([
    ['has neither code nor type', { path: ['loan'] }, 'loan (invalid)'],
    ['has a code', { path: ['loan'], code: 'too_big' }, 'loan (too_big)'],
    ['has a code in front of its type', { path: ['loan'], code: 'a', type: 'b' }, 'loan (a)'],
    ['has a type', { path: ['loan'], type: 'max_value' }, 'loan (max_value)'],
    ['quotes in its code', { path: ['loan'], code: `x ${PERSONAL}` }, 'loan (invalid)'],
    ['has a number for a code', { path: ['loan'], code: 4711 }, 'loan (invalid)'],
    ['has a list for a code', { path: ['loan'], code: ['x'] }, 'loan (invalid)'],
    [
      'has a code of 40 letters',
      { path: ['loan'], code: 'x'.repeat(40) },
      `loan (${'x'.repeat(40)})`,
    ],
    ['has a longer code', { path: ['loan'], code: 'x'.repeat(41) }, 'loan (invalid)'],
    ['has keys in its path', { path: [{ key: 'loan' }, { key: 0 }] }, 'loan[0] (invalid)'],
    ['is within a list', { path: ['loan', 12, PERSONAL, 3] }, 'loan[12].*[3] (invalid)'],
    ['has a symbol in its path', { path: [Symbol(PERSONAL)] }, '* (invalid)'],
    ['is of the whole', {}, 'all (invalid)'],
    ['has an empty path', { path: [] }, 'all (invalid)'],
  ])('of anybody names a problem that %s', async (_name, issue, named) => {
    // Reads the name of its one variable by `in`, as no known library does.
    const validate = (value: object) => ({
      issues: 'loan' in value ? [] : [{ message: PERSONAL, ...issue }],
    });
    const schema = { '~standard': { version: 1, vendor: 'own', validate } } as VariablesSource;
    const { message } = await misfit(schema, callEnded());
    expect(message).toBe(
      `The variables of the call do not fit the own schema: ${named}. The handler was not called.`,
    );
  });

  describe.each<[string, (convert: (value: unknown) => unknown) => VariablesSource]>([
    ['a schema', convert => z.object({ amount: z.any().transform(convert) })],
    [
      'an asynchronous schema',
      convert =>
        z.object({
          amount: z
            .any()
            .refine(() => Promise.resolve(true))
            .transform(convert),
        }),
    ],
    [
      'a class that converts',
      convert => {
        class Converting {
          @Transform(({ value }) => convert(value))
          @IsDefined()
          amount!: unknown;
        }
        return Converting;
      },
    ],
    [
      'a class that checks',
      convert => {
        class Checking {
          amount!: unknown;
        }
        const validate = (value: unknown) => Boolean(convert(value));
        registerDecorator({ target: Checking, propertyName: 'amount', validator: { validate } });
        return Checking;
      },
    ],
  ])('%s', (name, create) => {
    const payload = callWith(variable('amount', PERSONAL));

    it.each<[string, (value: unknown) => unknown]>([
      ['SyntaxError', value => BigInt(value as string)],
      ['RangeError', value => (value as string).repeat(-1)],
      ['TypeError', value => (value as { a: { b: 1 } }).a.b],
    ])('that throws a %s for a value does not fit, for good', async (_error, convert) => {
      const { message } = await misfit(create(convert), payload);
      expect(message).toContain(': they cannot be converted. The handler was not called.');
      expect(message).not.toContain('4711');
    });

    it.each([
      new Error('The database is away'),
      new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }),
      Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL' }),
    ])(
      'that throws another error fails, and may be called again unless it only converts',
      async error => {
        const source = create(() => {
          throw error;
        });
        const thrown: unknown = await read(source, payload).catch((reason: unknown) => reason);
        if (name === 'a class that converts') expect(thrown).toBeInstanceOf(RevragPermanentError);
        else expect(thrown).toBe(error);
      },
    );
  });

  it('is that of the decorator which wants the event, where several are stacked', async () => {
    const seen: unknown[] = [];
    @Injectable()
    class Calls {
      @OnCallEnded({ agentId: 'loans', variables: z.object({ loan: z.string() }) })
      @OnCallEnded({ agentId: 'cards', variables: z.object({ card: z.string() }) })
      save(_call: CallEndedDto, _delivery: Delivery, given: object) {
        seen.push(given);
      }
    }
    const { receive } = await startContext([Calls]);
    for (const [agent_id, key] of [
      ['loans', 'loan'],
      ['cards', 'card'],
    ] as const) {
      const body = callEnded({ agent_id, custom_variables: [variable(key, 'x')] });
      expect(await receive({ id: key, body })).toMatchObject({ status: 'processed' });
    }
    expect(seen).toEqual([{ loan: 'x' }, { card: 'x' }]);
  });

  it.each([
    ['undefined', undefined, /must be a class/],
    ['null', null, /must be a class/],
    ['text', 'LoanVariables', /must be a class/],
    ['an arrow function', () => undefined, /must be a class/],
    [
      'a class without decorators',
      class Bare {
        one = 1;
      },
      /Bare has no decorators of class-validator/,
    ],
    ['another field', { schema: LoanVariables, from: 'extra' }, /variables.from must be/],
  ])('that is %s is refused where it is written', (_name, variables, message) => {
    const decorate = OnCallEnded({ variables } as never) as (...target: unknown[]) => void;
    const run = () => decorate({}, 'save', { value: () => undefined });
    expect(run).toThrow(RevragConfigurationError);
    expect(run).toThrow(message);
  });

  it('may be of a class with hostile values in the payload [pitfall 24]', async () => {
    class Free {
      @IsIn([1])
      one!: number;
    }
    const values = { constructor: 'ACME', toString: 1, then: 2, __proto__: undefined };
    const payload = callWith(variable('one', 1), variable('free', values));
    // class-transformer can't copy a key `constructor`; whether it can is its own affair.
    const outcome = await read(Free, payload).catch((thrown: unknown) => thrown);
    if (outcome instanceof RevragPermanentError) expect(outcome.message).not.toContain('ACME');
    else expect(outcome).toMatchObject({ one: 1 });
  });
});

describe('variablesOf()', () => {
  it('gives the variables by key; of a key that came twice the last one', () => {
    const call = callWith(variable('a', 1), variable('b', [true]), variable('a', { c: null }));
    expect({ ...variablesOf(call) }).toEqual({ a: { c: null }, b: [true] });
  });

  it.each([undefined, null, []])('gives none for %j', custom_variables => {
    expect(Object.keys(variablesOf({ custom_variables }))).toEqual([]);
  });

  it('has nothing but what was sent, and no way to a prototype', () => {
    const payload = callWith(
      variable('__proto__', { admin: true }),
      variable('constructor', 'ACME'),
      variable('toString', 1),
    );
    const variables = variablesOf(payload);
    expect(Object.keys(variables)).toEqual(['constructor', 'toString']);
    expect('hasOwnProperty' in variables).toBe(false);
    expect(Object.assign({}, variables)).not.toHaveProperty('admin');
    expect(variables).not.toHaveProperty('admin');
  });
});
