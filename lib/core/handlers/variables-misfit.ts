import type { ValidationError } from 'class-validator';
import { RevragPermanentError } from '../errors/revrag-permanent.error.js';
import type { StandardIssue } from './standard-schema.js';

/** How many problems a log line lists. */
const MAX_PROBLEMS = 10;
/** What a validator's kind of problem looks like. */
const KIND = /^[A-Za-z_]{1,40}$/;
/** Replaces a name that the sender may have chosen. */
const ANY = '*';

/** @param problems Paths and kinds, without values. */
export function misfit(wanted: string, problems: readonly string[]): RevragPermanentError {
  const left = problems.length - MAX_PROBLEMS;
  const shown = problems.slice(0, MAX_PROBLEMS).join(', ');
  const more = left > 0 ? ` and ${left} more` : '';
  return new RevragPermanentError(
    `The variables of the call do not fit ${wanted}: ${shown}${more}. The handler was not called.`,
  );
}

/** Such as `amount (isNumber)`. The messages of class-validator may quote values. */
export function problemsOfClass(errors: readonly ValidationError[], parent = ''): string[] {
  return errors.flatMap(({ target, property, constraints = {}, children = [] }) => {
    // Properties are those of the class; keys of a map are the sender's.
    const name = target instanceof Map || target instanceof Set ? ANY : property;
    const path = parent === '' ? name : `${parent}.${name}`;
    const own = Object.keys(constraints).map(kind => `${path} (${kind})`);
    return [...own, ...problemsOfClass(children, path)];
  });
}

/**
 * Such as `amount (invalid_type)`. The messages of schemas may quote values.
 *
 * @param names Those of the schema's own
 */
export const problemsOfSchema = (
  issues: readonly StandardIssue[],
  names: ReadonlySet<unknown>,
): string[] => issues.map(issue => `${pathOf(issue, names)} (${kindOf(issue)})`);

/** The variable's name, if the schema has it. Other names, and those within a value, may be the sender's. */
function pathOf({ path = [] }: StandardIssue, names: ReadonlySet<unknown>): string {
  const [first, ...rest] = path.map(segment =>
    typeof segment === 'object' ? segment.key : segment,
  );
  if (first === undefined) return 'all';
  const name = names.has(first) ? String(first) : ANY;
  return name + rest.map(key => (typeof key === 'number' ? `[${key}]` : `.${ANY}`)).join('');
}

/** Zod and ArkType have a code, Valibot a type. */
function kindOf(issue: StandardIssue): string {
  const { code, type } = issue as { code?: unknown; type?: unknown };
  const kind = code ?? type;
  return typeof kind === 'string' && KIND.test(kind) ? kind : 'invalid';
}
