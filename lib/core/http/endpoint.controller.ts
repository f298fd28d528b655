import {
  Controller,
  Inject,
  Logger,
  Post,
  Req,
  Res,
  VERSION_NEUTRAL,
  type Type,
} from '@nestjs/common';
import type { Awaitable } from '../common/awaitable.js';
import { internalError, toAnswer } from '../delivery/answer.js';
import { DEFAULT_ENDPOINT } from '../delivery/endpoint-registry.js';
import type { Outcome } from '../delivery/outcome.js';
import type { WebhookReceiver } from '../delivery/webhook-receiver.js';
import { BelongsToEndpoint } from './endpoint-metadata.js';
import { stateOf, takeBody, type WebhookRequest } from './request.js';
import { sendAnswer, type PlatformResponse } from './send-answer.js';

/** Receives an endpoint's deliveries and answers them. */
export interface EndpointController {
  /** Never throws. */
  receive(request: WebhookRequest, response: PlatformResponse): void;
}

export interface EndpointControllerOptions {
  /** Name of the endpoint. */
  readonly name: string;
  readonly path: string;
  /** Injection token of its receiver. */
  readonly receiver: string | symbol;
  /** Put on the controller, to set metadata for tools that look at routes. */
  readonly decorators: readonly ClassDecorator[];
}

/**
 * A controller class for one endpoint: for Nest's list of routes, OpenAPI and the boot log. On Express
 * and Fastify requests come to its object directly, past the app's guards, pipes, interceptors and filters.
 *
 * Each endpoint has a class of its own, so that the path and the metadata of one never reach another.
 */
export function createEndpointController(options: EndpointControllerOptions): Type {
  const { name, path, receiver, decorators } = options;

  // A sender can't be told a version, so the URL it was given works whatever versioning the app has.
  @Controller({ path, version: VERSION_NEUTRAL })
  class RevragWebhookController implements EndpointController {
    private readonly logger = new Logger(RevragWebhookController.name);

    constructor(@Inject(receiver) private readonly webhook: WebhookReceiver) {}

    @Post()
    @BelongsToEndpoint(name, true)
    receive(@Req() request: WebhookRequest, @Res() response: PlatformResponse): void {
      const send = (outcome: Outcome) => sendAnswer(response, toAnswer(outcome));
      const fail = (error: unknown) => {
        this.logger.error('A delivery could not be processed', (error as Error | undefined)?.stack);
        sendAnswer(response, internalError());
      };
      let outcome: Awaitable<Outcome>;
      try {
        const state = stateOf(request);
        const getBody = () => takeBody(request, state);
        outcome = this.webhook.receive(getBody, request.headers, { head: state.head, request });
      } catch (error) {
        return fail(error);
      }
      if ('status' in outcome) send(outcome);
      else void outcome.then(send).catch(fail);
    }
  }

  // OpenAPI makes ids of it, which have to differ.
  if (name !== DEFAULT_ENDPOINT) {
    Object.defineProperty(RevragWebhookController, 'name', {
      value: `RevragWebhook_${name}Controller`,
    });
  }
  for (const decorate of decorators) decorate(RevragWebhookController);
  return RevragWebhookController;
}
