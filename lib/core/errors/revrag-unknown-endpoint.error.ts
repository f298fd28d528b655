import { HttpStatus } from '@nestjs/common';
import { RevragWebhookError } from './revrag-webhook.error.js';

/** The secret function knows no secret for the path's parameters, so there is no such endpoint (404). */
export class RevragUnknownEndpointError extends RevragWebhookError {
  declare readonly code: 'unknown_endpoint';

  constructor() {
    super('unknown_endpoint', 'There is no such endpoint.', HttpStatus.NOT_FOUND);
  }
}
