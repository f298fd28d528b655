export type { Awaitable } from './awaitable.js';
export { toAnswer, type Answer } from './delivery/answer.js';
export type { Outcome } from './delivery/outcome.js';
export { Delivery } from './events/delivery.js';
export { CallEndedDto } from './events/dto/call-ended.dto.js';
export { CustomVariableDto } from './events/dto/custom-variable.dto.js';
export { TranscriptMessageDto, TranscriptionDto } from './events/dto/transcription.dto.js';
export {
  RevragPayloadError,
  type RevragPayloadErrorCode,
  type Violation,
} from './events/errors/revrag-payload.error.js';
export { RevragEventPipe } from './events/revrag-event.pipe.js';
export type { RevragEvent } from './events/revrag-event.js';
export { OnCallEnded } from './handlers/on-call-ended.decorator.js';
export {
  OnRejectedDelivery,
  type RejectedDeliveryDecorator,
} from './handlers/on-rejected-delivery.decorator.js';
export { OnRevragEvent, type HandlerDecorator } from './handlers/on-revrag-event.decorator.js';
export type { HandlerOptions, RejectedDeliveryOptions } from './handlers/subscription.js';
export { RevragDelivery } from './http/revrag-delivery.decorator.js';
export {
  IdempotencyStore,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
} from './idempotency/idempotency-store.js';
export {
  MemoryIdempotencyStore,
  type MemoryIdempotencyStoreOptions,
} from './idempotency/memory-idempotency-store.js';
export { InjectRevragWebhook, getRevragWebhookToken } from './inject-revrag-webhook.decorator.js';
export { RevragWebhookModule, type RevragWebhookAsyncOptions } from './revrag-webhook.module.js';
export type {
  IdempotencyOptions,
  RevragWebhookModuleOptions,
  RevragWebhookOptions,
  RevragWebhookOptionsFactory,
  RevragWebhookSecret,
} from './revrag-webhook.options.js';
export {
  RevragWebhookService,
  type RawBody,
  type ReceivedOptions,
} from './revrag-webhook.service.js';
export { RevragBodyError, type RevragBodyErrorCode } from './signature/errors/revrag-body.error.js';
export { RevragConfigurationError } from './signature/errors/revrag-configuration.error.js';
export {
  RevragSignatureError,
  type RevragSignatureErrorCode,
} from './signature/errors/revrag-signature.error.js';
export {
  RevragUnavailableError,
  type RevragUnavailableErrorCode,
} from './signature/errors/revrag-unavailable.error.js';
export { RevragWebhookError } from './signature/errors/revrag-webhook.error.js';
export type { WebhookHeaders } from './signature/headers.js';
export { RevragEndpoint } from './signature/revrag-endpoint.decorator.js';
export { RevragSignatureGuard } from './signature/revrag-signature.guard.js';
export type { SecretSource, Secrets } from './signature/secret-keys.js';
export { VerifiedDelivery } from './signature/verified-delivery.js';
