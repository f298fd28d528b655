import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { endpointMarkOf } from '../core/http/endpoint-metadata.js';
import { ANSWERS } from './answers.js';
import { CallEnded } from './call-ended.model.js';
import { HEADERS } from './headers.js';

/**
 * Describes a route that takes deliveries in the app's OpenAPI document: headers, body and answers.
 *
 * Give it to the built-in endpoint as one of its `decorators`, or put it on your own controller's class or on the
 * method that has `@RevragEndpoint()`. To leave an endpoint out of the document, use `ApiExcludeController()` of
 * @nestjs/swagger instead.
 *
 * @example
 * ```ts
 * RevragWebhookModule.forRoot({
 *   secret: process.env.REVRAG_WEBHOOK_SECRET,
 *   decorators: [ApiRevragWebhook()],
 * })
 * ```
 */
export function ApiRevragWebhook(): ClassDecorator & MethodDecorator {
  const describe = applyDecorators(
    ApiOperation({
      summary: 'Receive a webhook of RevRag',
      description:
        'Called by RevRag when a call has ended. Deliveries are signed: HMAC-SHA256 of the timestamp, ' +
        'a full stop and the exact bytes of the body.',
    }),
    ...HEADERS.map(header => ApiHeader({ ...header, required: true })),
    ApiBody({ required: true, type: CallEnded }),
    ...ANSWERS.map(answer => ApiResponse(answer)),
  ) as MethodDecorator;

  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => {
    if (descriptor) return void describe(target, key as string | symbol, descriptor);
    for (const method of endpointMethods(target as { prototype: object })) describe(...method);
  };
}

function endpointMethods({
  prototype,
}: {
  prototype: object;
}): [prototype: object, name: string, descriptor: PropertyDescriptor][] {
  return Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name]) => endpointMarkOf(prototype, name) !== undefined)
    .map(([name, descriptor]) => [prototype, name, descriptor]);
}
