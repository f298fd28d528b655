import {
  createParamDecorator,
  type ExecutionContext,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';
import { stateOf } from './request.js';

const Delivery = createParamDecorator((_data: undefined, context: ExecutionContext) => {
  const { delivery } = stateOf(context.switchToHttp().getRequest<object>());
  if (delivery) return delivery;
  throw new RevragConfigurationError(
    `@RevragDelivery() in ${context.getClass().name}.${context.getHandler().name}: nothing was verified. ` +
      'Put @RevragEndpoint() or @UseGuards(RevragSignatureGuard) on the method.',
  );
});

/** Key of the metadata in which TypeScript leaves the types of a method's parameters. */
const PARAM_TYPES = 'design:paramtypes';

type DeliveryPipe = Type<PipeTransform<VerifiedDelivery>> | PipeTransform<VerifiedDelivery>;

/**
 * The delivery that `RevragSignatureGuard` verified, in a controller of one's own:
 * `@RevragDelivery() delivery: VerifiedDelivery`, or as event with
 * `@RevragDelivery(RevragEventPipe) event: RevragEvent<CallEndedDto>`.
 *
 * Pipes of the app that check values by the parameter's class, such as `ValidationPipe` with
 * `validateCustomDecorators`, leave it as it is.
 *
 * @throws RevragConfigurationError where the guard did not run
 */
export const RevragDelivery =
  (...pipes: DeliveryPipe[]): ParameterDecorator =>
  (target, method, index) => {
    Delivery(...pipes)(target, method, index);
    if (method === undefined) return;
    // Without a class to go by, such a pipe does not take it for input to be copied and stripped.
    const types = Reflect.getOwnMetadata(PARAM_TYPES, target, method) as unknown[] | undefined;
    if (types) Reflect.defineMetadata(PARAM_TYPES, types.with(index, Object), target, method);
  };
