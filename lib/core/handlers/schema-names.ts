import type { StandardSchema } from './standard-schema.js';

/**
 * The names of the properties that a schema reads. It is given an empty object, so that each name comes from the
 * schema's author and none from a payload.
 */
export function namesOf({ '~standard': schema }: StandardSchema): ReadonlySet<unknown> {
  const names = new Set<unknown>();
  const note = (_target: object, name: PropertyKey): undefined => void names.add(name);
  const has = (target: object, name: PropertyKey): boolean => Boolean(note(target, name));
  const empty = new Proxy({}, { get: note, getOwnPropertyDescriptor: note, has });
  try {
    // An asynchronous schema reads the names before it waits for what they hold.
    void Promise.resolve(schema.validate(empty)).catch(() => undefined);
  } catch {
    // A conversion of the author's that takes no empty object. What was read until then counts.
  }
  return names;
}
