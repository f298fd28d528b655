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
import { RevragWebhookError } from '../errors/revrag-webhook.error.js';
import type { WebhookReceiver } from '../delivery/webhook-receiver.js';
import { BelongsToEndpoint } from './endpoint-metadata.js';
import { wholeOf } from '../common/raw-bytes.js';
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
    async receive(
      @Req() request: WebhookRequest,
      @Res() response: PlatformResponse,
    ): Promise<void> {
      await sendAnswer(response, await this.answer(request));
    }

    private async answer(request: WebhookRequest): Promise<Answer> {
      try {
        const { head } = stateOf(request);
        return toAnswer(
          await this.webhook.receive(wholeOf(rawBodyOf(request)), request.headers, { head }),
        );
      } catch (error) {
        if (error instanceof RevragWebhookError) {
          return toAnswer(this.webhook.refuse(error, Date.now()));
        }
        this.logger.error('A delivery could not be processed', (error as Error | undefined)?.stack);
        return internalError();
      }
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
