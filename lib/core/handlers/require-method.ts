import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';

/**
 * Checks that a method decorator is on a method.
 *
 * @param decorator The decorator as written, for the message.
 * @throws RevragConfigurationError if it is on anything but an instance method
 */
export function requireMethod(
  decorator: string,
  target: object,
  method: string | symbol,
  descriptor: PropertyDescriptor | undefined,
): void {
  if (typeof descriptor?.value === 'function' && typeof target !== 'function') return;
  throw new RevragConfigurationError(
    `${decorator} on ${String(method)}: put it on an instance method, written as save(call) { … }, ` +
      'not on a property, an accessor or a static method.',
  );
}
