import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';

/**
 * Sees to it that a method decorator is on a method.
 *
 * @param decorator As written, for the message.
 * @throws RevragConfigurationError where it is on anything but an instance method
 */
export function requireMethod(
  decorator: string,
  target: object,
  method: string | symbol,
  descriptor: PropertyDescriptor | undefined,
): void {
  if (typeof descriptor?.value === 'function' && typeof target !== 'function') return;
  throw new RevragConfigurationError(
    `${decorator} on ${String(method)}: it goes on an instance method, written as save(call) { … }, ` +
      'not on a property, an accessor or a static method.',
  );
}
