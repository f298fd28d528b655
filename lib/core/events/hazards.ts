import { isObject } from './json-object.js';

/** Deeper nesting is rejected: a real payload has a handful of levels, and recursion has a limit. */
const MAX_DEPTH = 64;

/**
 * Finds what could break code that reads the value: nesting that overflows a recursion, and keys that a
 * careless copy turns into a prototype. One pass over everything in `value`.
 *
 * @returns the hazard, without quoting anything; undefined if there is none
 */
export function findHazard(value: unknown, depth = 1): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > MAX_DEPTH) return `must not be nested deeper than ${MAX_DEPTH} levels`;
  if (Array.isArray(value)) {
    for (const item of value) {
      const hazard = findHazard(item, depth + 1);
      if (hazard) return hazard;
    }
    return undefined;
  }
  const record = value as Record<string, unknown>;
  for (const key in record) {
    const hazard = findFieldHazard(key, record[key], depth);
    if (hazard) return hazard;
  }
  return undefined;
}

/** As `findHazard`, for one field of an object that is `depth` levels down. */
export function findFieldHazard(key: string, value: unknown, depth = 1): string | undefined {
  if (key === '__proto__') return 'must not hold a key __proto__';
  if (key === 'constructor' && isObject(value) && Object.hasOwn(value, 'prototype')) {
    return 'must not hold a key constructor.prototype';
  }
  return findHazard(value, depth + 1);
}
