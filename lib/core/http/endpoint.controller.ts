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
import type { Outcome } from '../delivery/outcome.js';
import type { WebhookReceiver } from '../delivery/webhook-receiver.js';
import { BelongsToEndpoint } from './endpoint-metadata.js';
import { DEFAULT_ENDPOINT } from '../delivery/endpoint-registry.js';
import { rawBodyOf, stateOf, type WebhookRequest } from './request.js';
import { sendAnswer, type PlatformResponse } from './send-answer.js';

export interface EndpointControllerOptions {
  /** Name of the endpoint. */
  readonly name: string;
  readonly path: string;
  /** Injection token of its receiver. */
  readonly receiver: string | symbol;
  /** Put on the controller, to set metadata such as `@Public()`. */
  readonly decorators: readonly ClassDecorator[];
}

/**
 * A controller class for one endpoint. Each endpoint has a class of its own, so that the path and the
 * metadata of one never reach another.
 */
export function createEndpointController(options: EndpointControllerOptions): Type {
  const { name, path, receiver, decorators } = options;

  // A sender can't be told a version, so the URL it was given works whatever versioning the app has.
  @Controller({ path, version: VERSION_NEUTRAL })
  class RevragWebhookController {
    private readonly logger = new Logger(RevragWebhookController.name);

    constructor(@Inject(receiver) private readonly webhook: WebhookReceiver) {}

    @Post()
    @BelongsToEndpoint(name)
    receive(
      @Req() request: WebhookRequest,
      @Res() response: PlatformResponse,
    ): PromiseLike<void> | undefined {
      const send = (outcome: Outcome) => sendAnswer(response, toAnswer(outcome));
      const fail = (error: unknown) => {
        this.logger.error('A delivery could not be processed', (error as Error | undefined)?.stack);
        return sendAnswer(response, internalError());
      };
      let outcome: Awaitable<Outcome>;
      try {
        const state = stateOf(request);
        const getBody = () => rawBodyOf(request, state);
        outcome = this.webhook.receive(getBody, request.headers, { head: state.head });
      } catch (error) {
        return fail(error);
      }
      return 'status' in outcome ? send(outcome) : outcome.then(send, fail);
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
