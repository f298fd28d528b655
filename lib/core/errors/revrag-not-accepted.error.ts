import { HttpStatus } from '@nestjs/common';
import { RevragWebhookError } from './revrag-webhook.error.js';

/** The option `accept` returned false for the request (403). */
export class RevragNotAcceptedError extends RevragWebhookError {
  declare readonly code: 'not_accepted';

  constructor() {
    super('not_accepted', 'This sender is not accepted here.', HttpStatus.FORBIDDEN);
  }
}
