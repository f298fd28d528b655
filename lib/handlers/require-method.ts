import { RevragConfigurationError } from '../signature/errors/revrag-configuration.error.js';

/**
 * The function that a method decorator was put on.
 *
 * @param decorator As written, for the message.
 * @throws RevragConfigurationError where it is on anything but an instance method
 */
export function requireMethod(
  decorator: string,
  target: object,
  method: string | symbol,
  descriptor: PropertyDescriptor | undefined,
): object {
  if (typeof descriptor?.value === 'function' && typeof target !== 'function') {
    return descriptor.value as object;
  }
  throw new RevragConfigurationError(
    `${decorator} on ${String(method)}: it goes on an instance method, written as save(call) { … }, ` +
      'not on a property, an accessor or a static method.',
  );
}
