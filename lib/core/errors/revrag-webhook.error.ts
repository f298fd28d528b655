import { HttpException } from '@nestjs/common';

/**
 * What every error of this library is, so that one `instanceof` catches them all.
 *
 * It is an `HttpException`: thrown in a controller of one's own, Nest answers it with the right
 * status. Its message and response never hold payload bytes, secrets or stacks.
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
