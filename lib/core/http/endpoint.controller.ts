import { Controller, Post, Req, Res, VERSION_NEUTRAL, type Type } from '@nestjs/common';
import { internalError, toAnswer, type Answer } from '../delivery/answer.js';
import { DEFAULT_ENDPOINT } from '../delivery/endpoint-registry.js';
import { RevragWebhookError } from '../errors/revrag-webhook.error.js';
import { WebhookReceiver } from '../delivery/webhook-receiver.js';
import { BelongsToEndpoint } from './endpoint-metadata.js';
import { stateOf, takeBody, type WebhookRequest } from './request.js';
import { sendAnswer, type PlatformResponse } from './send-answer.js';

/** Receives an endpoint's deliveries and answers them. */
export interface EndpointController {
  /** Rejects if code of the app that hooks into the response throws. */
  receive(request: WebhookRequest, response: PlatformResponse): Promise<void>;
}

interface EndpointControllerOptions {
  /** Name of the endpoint. */
  readonly name: string;
  readonly path: string;
  /** For the controller, to set metadata for tools that read routes. */
  readonly decorators: readonly ClassDecorator[];
}

/**
 * A controller class for one endpoint: for Nest's list of routes, OpenAPI and the boot log. On Express and Fastify
 * the platform calls its object directly, past the app's guards, pipes, interceptors and filters.
 *
 * Each endpoint has its own class, so that endpoints share neither path nor metadata.
 */
export function createEndpointController(options: EndpointControllerOptions): Type {
  const { name, path, decorators } = options;

  // The sender knows no versions: its URL works whatever versioning the app has.
  @Controller({ path, version: VERSION_NEUTRAL })
  class RevragWebhookController implements EndpointController {
    constructor(private readonly webhook: WebhookReceiver) {}

    @Post()
    @BelongsToEndpoint(name, true)
    async receive(
      @Req() request: WebhookRequest,
      @Res() response: PlatformResponse,
    ): Promise<void> {
      sendAnswer(response, await this.answer(request));
    }

    private async answer(request: WebhookRequest): Promise<Answer> {
      try {
        const state = stateOf(request);
        const { head, params, share } = state;
        const body = takeBody(request, state);
        const options = { head, params, request, onVerified: share?.release };
        return toAnswer(await this.webhook.receive(body, request.headers, options));
      } catch (error) {
        if (error instanceof RevragWebhookError) return toAnswer(this.webhook.refuse(error));
        // The receiver has logged it.
        return internalError();
      }
    }
  }

  // OpenAPI derives ids from the name, which must be unique.
  if (name !== DEFAULT_ENDPOINT) {
    Object.defineProperty(RevragWebhookController, 'name', {
      value: `RevragWebhook_${name}Controller`,
    });
  }
  for (const decorate of decorators) decorate(RevragWebhookController);
  return RevragWebhookController;
}
