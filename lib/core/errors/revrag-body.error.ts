import { HttpStatus } from '@nestjs/common';
import { RevragWebhookError } from './revrag-webhook.error.js';

export type RevragBodyErrorCode =
  'body_timeout' | 'body_too_large' | 'unsupported_encoding' | 'raw_body_missing';

const statusOf: Record<RevragBodyErrorCode, HttpStatus> = {
  body_timeout: HttpStatus.REQUEST_TIMEOUT,
  body_too_large: HttpStatus.PAYLOAD_TOO_LARGE,
  unsupported_encoding: HttpStatus.UNSUPPORTED_MEDIA_TYPE,
  raw_body_missing: HttpStatus.INTERNAL_SERVER_ERROR,
};

/** The signed bytes are not available: too slow (408), too large (413), compressed (415), or consumed by others (500). */
export class RevragBodyError extends RevragWebhookError {
  declare readonly code: RevragBodyErrorCode;

  constructor(code: RevragBodyErrorCode, message: string) {
    super(code, message, statusOf[code]);
  }
}
