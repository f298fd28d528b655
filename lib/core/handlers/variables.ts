import type { StandardSchema } from './standard-schema.js';

/** A class with decorators of class-validator. It is constructed without arguments. */
export type VariablesClass = new () => object;

/** What the variables must be: a class, or a schema of Zod, Valibot, ArkType or another Standard Schema. */
export type VariablesSchema = StandardSchema | VariablesClass;

export interface VariablesOptions {
  readonly schema: VariablesSchema;
  /**
   * The field of the payload: `custom_variables`, which the agent extracted after the call, or
   * `variables_fields`, with which the call was started.
   *
   * @default 'custom_variables'
   */
  readonly from?: 'custom_variables' | 'variables_fields';
}

/** A schema for `custom_variables`, or a schema and the field that it is for. */
export type VariablesSource = VariablesSchema | VariablesOptions;

/** The type of a handler's third argument. */
export type InferVariables<TSource> = TSource extends StandardSchema
  ? NonNullable<TSource['~standard']['types']>['output']
  : TSource extends new () => infer TInstance
    ? TInstance
    : TSource extends { readonly schema: infer TSchema }
      ? InferVariables<TSchema>
      : never;
