import type { CallEndedDto } from './dto/call-ended.dto.js';

/**
 * The variables that the agent extracted from a call (`custom_variables`), as an object by key; empty if there
 * are none. If a key occurs twice, the last value counts. The object has no prototype, and a key `__proto__` is
 * left out: the sender chooses the keys, and they must not give a copy of the object a prototype.
 *
 * @example
 * ```ts
 * const { interested_in_loan } = variablesOf(call);
 * ```
 */
export function variablesOf(
  call: Pick<CallEndedDto, 'custom_variables'>,
): Readonly<Record<string, unknown>> {
  const variables = Object.create(null) as Record<string, unknown>;
  for (const { key, value } of call.custom_variables ?? []) {
    if (key !== '__proto__') variables[key] = value;
  }
  return variables;
}
