import { HttpException } from '@nestjs/common';

/**
 * Base class of the errors that refuse a delivery: one `instanceof` catches them all.
 *
 * It is an `HttpException`, so Nest answers with its status if your own controller throws it. Its message and
 * response hold no payload byte, secret or stack.
 */
export abstract class RevragWebhookError extends HttpException {
  constructor(
    /** Stable, machine-readable reason. */
    readonly code: string,
    message: string,
    statusCode: number,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super({ statusCode, code, message, ...details }, statusCode);
  }
}
