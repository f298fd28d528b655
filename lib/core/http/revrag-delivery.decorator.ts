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
    `@RevragDelivery() in ${context.getClass().name}.${context.getHandler().name}: no delivery was verified. ` +
      'Put @RevragEndpoint() or @UseGuards(RevragSignatureGuard) on the method.',
  );
});

/** Key of the metadata with the types of a method's parameters, which TypeScript emits. */
const PARAM_TYPES = 'design:paramtypes';

type DeliveryPipe = Type<PipeTransform<VerifiedDelivery>> | PipeTransform<VerifiedDelivery>;

/**
 * The delivery that `RevragSignatureGuard` verified, in your own controller:
 * `@RevragDelivery() delivery: VerifiedDelivery`, or as an event with
 * `@RevragDelivery(RevragEventPipe) event: RevragEvent<CallEndedDto>`.
 *
 * Pipes that check values by the parameter's class, such as `ValidationPipe` with `validateCustomDecorators`, do
 * not change it.
 *
 * @throws RevragConfigurationError if the guard did not run
 */
export const RevragDelivery =
  (...pipes: DeliveryPipe[]): ParameterDecorator =>
  (target, method, index) => {
    Delivery(...pipes)(target, method, index);
    // Without the parameter's class, such a pipe does not copy and strip the delivery.
    const key = method as string;
    const types = Reflect.getOwnMetadata(PARAM_TYPES, target, key) as unknown[] | undefined;
    if (types) Reflect.defineMetadata(PARAM_TYPES, types.with(index, Object), target, key);
  };
