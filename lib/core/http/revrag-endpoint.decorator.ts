import { UseGuards, applyDecorators } from '@nestjs/common';
import { BelongsToEndpoint } from './endpoint-metadata.js';
import { DEFAULT_ENDPOINT } from '../delivery/endpoint-registry.js';
import { RevragSignatureGuard } from './revrag-signature.guard.js';

/**
 * Makes a route of your own controller receive an endpoint's deliveries: keeps the raw bytes, up to the endpoint's
 * `bodyLimit` and whatever parsers the app has, and applies `RevragSignatureGuard`.
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
