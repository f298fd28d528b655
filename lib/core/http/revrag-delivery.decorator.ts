import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';
import { stateOf } from './request.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';

/**
 * The delivery that `RevragSignatureGuard` verified, in a controller of one's own:
 * `@RevragDelivery() delivery: VerifiedDelivery`, or as event with
 * `@RevragDelivery(RevragEventPipe) event: RevragEvent<CallEndedDto>`.
 *
 * @throws RevragConfigurationError where the guard did not run
 */
export const RevragDelivery = createParamDecorator(
  (_data: unknown, context: ExecutionContext): VerifiedDelivery => {
    const { delivery } = stateOf(context.switchToHttp().getRequest<object>());
    if (delivery) return delivery;
    throw new RevragConfigurationError(
      `@RevragDelivery() in ${context.getClass().name}.${context.getHandler().name}: nothing was verified. ` +
        'Put @RevragEndpoint() or @UseGuards(RevragSignatureGuard) on the method.',
    );
  },
);
