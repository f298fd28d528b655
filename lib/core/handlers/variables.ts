import type { StandardSchema } from './standard-schema.js';

/** A class with decorators of class-validator. It is constructed without arguments. */
export type VariablesClass = new () => object;

/** What a handler wants of its call's variables: a class, or a schema of Zod, Valibot, ArkType and the like. */
export type VariablesSchema = StandardSchema | VariablesClass;

export interface VariablesOptions {
  readonly schema: VariablesSchema;
  /**
   * Which field of the payload has the variables: those that the agent extracted after the call, or those
   * that the call was started with.
   *
   * @default 'custom_variables'
   */
  readonly from?: 'custom_variables' | 'variables_fields';
}

/** A schema for `custom_variables`, or a schema and the field that it is for. */
export type VariablesSource = VariablesSchema | VariablesOptions;

/** What a handler gets as its third argument. */
export type InferVariables<TSource> = TSource extends StandardSchema
  ? NonNullable<TSource['~standard']['types']>['output']
  : TSource extends new () => infer TInstance
    ? TInstance
    : TSource extends { readonly schema: infer TSchema }
      ? InferVariables<TSchema>
      : never;
