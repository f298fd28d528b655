import { Inject, type InjectionToken } from '@nestjs/common';
import { RevragWebhookService } from './revrag-webhook.service.js';
import { DEFAULT_ENDPOINT } from '../delivery/endpoint-registry.js';

/** Injection token of an endpoint's `RevragWebhookService`. That of `'default'` is the class itself. */
export const getRevragWebhookToken = (name: string = DEFAULT_ENDPOINT): InjectionToken =>
  name === DEFAULT_ENDPOINT ? RevragWebhookService : `RevragWebhookService(${name})`;

/** Injects the `RevragWebhookService` of the endpoint of that name. */
export const InjectRevragWebhook = (name: string = DEFAULT_ENDPOINT): ParameterDecorator =>
  Inject(getRevragWebhookToken(name));
