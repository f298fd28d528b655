import type { Type } from '@nestjs/common';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';
import { RevragSignatureGuard } from './revrag-signature.guard.js';

/** Key of the metadata that `@UseGuards()` sets. */
const GUARDS = '__guards__';

/**
 * Checks that Nest will run the guard that `@RevragEndpoint()` put on a method. Nest looks for it on the function,
 * which a decorator above may have replaced.
 *
 * @throws RevragConfigurationError if the guard is lost, as forged requests would pass
 */
export function checkGuard(controller: Type<object>, method: string): void {
  const handler = (controller.prototype as Record<string, object>)[method] as object;
  if (hasGuard(handler) || hasGuard(controller)) return;
  throw new RevragConfigurationError(
    `${controller.name}.${method} has lost the guard of @RevragEndpoint(), so forged deliveries would ` +
      'pass: a decorator above it has replaced the method. Put @RevragEndpoint() above that decorator.',
  );
}

function hasGuard(target: object): boolean {
  // Classes, of which some may extend the guard's, and objects.
  const guards = Reflect.getMetadata(GUARDS, target) as
    readonly { prototype?: unknown }[] | undefined;
  return (guards ?? []).some(
    guard =>
      guard instanceof RevragSignatureGuard ||
      guard === RevragSignatureGuard ||
      guard.prototype instanceof RevragSignatureGuard,
  );
}
