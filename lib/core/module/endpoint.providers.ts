import type { Provider } from '@nestjs/common';
import type { Sealed } from './seal-options.js';
import { WebhookReceiver } from '../delivery/webhook-receiver.js';
import { EndpointFactory, type BuiltEndpoint } from './endpoint.factory.js';
import { getRevragWebhookToken } from './inject-revrag-webhook.decorator.js';
import { MODULE_OPTIONS_TOKEN } from './revrag-webhook.module-definition.js';
import type { RevragWebhookOptions, RevragWebhookSecret } from './revrag-webhook.options.js';

const BUILT = Symbol('RevragBuiltEndpoint');
/** The store of the module's endpoint. */
export const STORE = Symbol('RevragIdempotencyStore');

/** Everything that belongs to one endpoint. */
export function endpointProviders(name: string, path: string | false): Provider[] {
  return [
    EndpointFactory,
    {
      provide: BUILT,
      inject: [EndpointFactory, MODULE_OPTIONS_TOKEN],
      useFactory: (
        factory: EndpointFactory,
        given: Sealed<RevragWebhookOptions | RevragWebhookSecret>,
      ) => factory.build(name, path, given.open()),
    },
    { provide: STORE, inject: [BUILT], useFactory: ({ store }: BuiltEndpoint) => store },
    {
      provide: WebhookReceiver,
      inject: [BUILT],
      useFactory: ({ receiver }: BuiltEndpoint) => receiver,
    },
    {
      provide: getRevragWebhookToken(name),
      inject: [BUILT],
      useFactory: ({ service }: BuiltEndpoint) => service,
    },
  ];
}
