import type { StandardSchema } from './standard-schema.js';

/**
 * The names that a schema asks an object for. They are the author's: the object that it is asked with is empty,
 * and the keys of a record are found only by listing those of the payload.
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
