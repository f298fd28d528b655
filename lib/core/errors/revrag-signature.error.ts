import { HttpStatus } from '@nestjs/common';
import { RevragWebhookError } from './revrag-webhook.error.js';

export type RevragSignatureErrorCode =
  'missing_header' | 'malformed_header' | 'timestamp_out_of_tolerance' | 'signature_mismatch';

/** The delivery is not authentic (401). */
export class RevragSignatureError extends RevragWebhookError {
  declare readonly code: RevragSignatureErrorCode;

  constructor(code: RevragSignatureErrorCode, message: string) {
    super(code, message, HttpStatus.UNAUTHORIZED);
  }
}
