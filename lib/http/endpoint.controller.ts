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
import { internalError, toAnswer, type Answer } from '../delivery/answer.js';
import type { WebhookReceiver } from '../delivery/webhook-receiver.js';
import { BelongsToEndpoint } from '../signature/endpoint-metadata.js';
import { DEFAULT_ENDPOINT } from '../signature/endpoint-registry.js';
import { rawBodyOf, stateOf, type WebhookRequest } from '../signature/request.js';
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
    async receive(
      @Req() request: WebhookRequest,
      @Res() response: PlatformResponse,
    ): Promise<void> {
      let answer: Answer;
      try {
        const { head } = stateOf(request);
        const getBody = () => rawBodyOf(request);
        answer = toAnswer(await this.webhook.receive(getBody, request.headers, { head }));
      } catch (error) {
        this.logger.error('A delivery could not be processed', (error as Error | undefined)?.stack);
        answer = internalError();
      }
      await sendAnswer(response, answer);
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
