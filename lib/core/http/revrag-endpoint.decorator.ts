import { UseGuards, applyDecorators } from '@nestjs/common';
import { BelongsToEndpoint } from './endpoint-metadata.js';
import { DEFAULT_ENDPOINT } from '../delivery/endpoint-registry.js';
import { RevragSignatureGuard } from './revrag-signature.guard.js';

/**
 * Makes a route of one's own receive an endpoint's deliveries: its raw bytes are kept (up to the
 * endpoint's `bodyLimit`, whatever parsers the app has) and `RevragSignatureGuard` verifies them.
 *
 * @param name The endpoint whose secrets apply. Default: `'default'`.
 *
 * @example
 * ```ts
 * @Post('hooks/calls')
 * @RevragEndpoint()
 * receive(@RevragDelivery(RevragEventPipe) event: RevragEvent<CallEndedDto>) {}
 * ```
 */
export const RevragEndpoint = (name: string = DEFAULT_ENDPOINT): MethodDecorator =>
  applyDecorators(BelongsToEndpoint(name), UseGuards(RevragSignatureGuard));
