import { HttpStatus } from '@nestjs/common';
import { RevragWebhookError } from './revrag-webhook.error.js';

export type RevragPayloadErrorCode = 'malformed_json' | 'invalid_payload';

/** One way in which a payload breaks the contract. Holds no value of it. */
export interface Violation {
  /** Where, such as `transcription.messages[12].role`; empty for the payload as a whole. */
  readonly path: string;
  readonly message: string;
}

/** The delivery is authentic, but no event can be made of its body (400). */
export class RevragPayloadError extends RevragWebhookError {
  declare readonly code: RevragPayloadErrorCode;

  constructor(
    code: RevragPayloadErrorCode,
    message: string,
    readonly violations: readonly Violation[] = [],
  ) {
    super(code, message, HttpStatus.BAD_REQUEST, violations.length > 0 ? { violations } : {});
  }
}
