import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validate } from 'class-validator';
import type { Awaitable } from '../common/awaitable.js';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';
import type { CallEndedDto } from '../events/dto/call-ended.dto.js';
import { variablesOf } from '../events/variables-of.js';
import { namesOf } from './schema-names.js';
import { isStandardSchema, type StandardSchema } from './standard-schema.js';
import type { VariablesClass, VariablesOptions, VariablesSource } from './variables.js';
import { misfit, problemsOfClass, problemsOfSchema } from './variables-misfit.js';

/**
 * Makes a handler's third argument from a call's variables.
 *
 * @throws RevragPermanentError if the variables do not fit
 */
export type VariablesReader = (call: CallEndedDto) => Promise<unknown>;

/** @throws RevragConfigurationError if the source is neither a class nor a schema */
export function variablesReader(
  decorator: string,
  source: VariablesSource | undefined,
): VariablesReader {
  const { schema, from = 'custom_variables' } = toOptions(source);
  if (from !== 'custom_variables' && from !== 'variables_fields') {
    throw new RevragConfigurationError(
      `${decorator}: variables.from must be 'custom_variables' or 'variables_fields'.`,
    );
  }
  const check = checkerOf(decorator, schema);
  return call =>
    check(from === 'custom_variables' ? variablesOf(call) : (call.variables_fields ?? {}));
}

function toOptions(source: VariablesSource | undefined): VariablesOptions {
  const isOptions =
    typeof source === 'object' &&
    source !== null &&
    'schema' in source &&
    !isStandardSchema(source);
  return isOptions ? source : { schema: source as VariablesOptions['schema'] };
}

type Checker = (variables: object) => Promise<unknown>;

function checkerOf(decorator: string, schema: unknown): Checker {
  if (isStandardSchema(schema)) return checkerOfSchema(schema);
  if (typeof schema !== 'function' || typeof schema.prototype !== 'object') {
    throw new RevragConfigurationError(
      `${decorator}: variables must be a class with decorators of class-validator, or a Standard ` +
        'Schema, as those of Zod, Valibot and ArkType.',
    );
  }
  if (getMetadataStorage().getTargetValidationMetadatas(schema, '', false, false).length === 0) {
    throw new RevragConfigurationError(
      `${decorator}: ${schema.name} has no decorators of class-validator, so no variable would be checked. ` +
        'Decorate its properties, such as @IsBoolean().',
    );
  }
  return variables => checkByClass(schema as VariablesClass, variables);
}

function checkerOfSchema(schema: StandardSchema): Checker {
  const { '~standard': standard } = schema;
  const wanted = `the ${standard.vendor} schema`;
  let names: ReadonlySet<unknown> | undefined;
  return async variables => {
    const result = await answerOf(wanted, () => standard.validate(variables));
    if (!result.issues) return result.value;
    names ??= namesOf(schema);
    throw misfit(wanted, problemsOfSchema(result.issues, names));
  };
}

/** A value keeps its type unless a decorator of the class converts it: "false" stays text and is never true. */
async function checkByClass(target: VariablesClass, variables: object): Promise<object> {
  const instance = toInstance(target, variables);
  const errors = await answerOf(target.name, () => validate(instance, { stopAtFirstError: true }));
  if (errors.length > 0) throw misfit(target.name, problemsOfClass(errors));
  return instance;
}

/**
 * What a validator answers. A transform or a constraint that throws because of the value, as `BigInt('x')` does, would
 * throw each time: the variables do not fit. Other errors may pass, such as those of a look-up: `fetch()` rejects with
 * a TypeError that has a cause.
 */
async function answerOf<T>(wanted: string, validator: () => Awaitable<T>): Promise<T> {
  try {
    return await validator();
  } catch (error) {
    throw isOfValue(error) ? misfit(wanted, ['they cannot be converted']) : error;
  }
}

const isOfValue = (error: unknown): boolean =>
  (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) &&
  error.cause === undefined &&
  !('code' in error);

function toInstance(target: VariablesClass, variables: object): object {
  try {
    return plainToInstance(target, variables);
  } catch {
    // The error's own message may quote a value.
    throw misfit(target.name, ['they cannot be converted']);
  }
}
