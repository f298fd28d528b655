export type { Awaitable } from './core/common/awaitable.js';
export { toAnswer, type Answer } from './core/delivery/answer.js';
export type { Outcome } from './core/delivery/outcome.js';
export { Delivery } from './core/events/delivery.js';
export { CallEndedDto } from './core/events/dto/call-ended.dto.js';
export { CustomVariableDto } from './core/events/dto/custom-variable.dto.js';
export { TranscriptMessageDto, TranscriptionDto } from './core/events/dto/transcription.dto.js';
export {
  RevragPayloadError,
  type RevragPayloadErrorCode,
  type Violation,
} from './core/errors/revrag-payload.error.js';
export { RevragEventPipe } from './core/http/revrag-event.pipe.js';
export type { RevragEvent } from './core/events/revrag-event.js';
export { variablesOf } from './core/events/variables-of.js';
export {
  OnCallEnded,
  type VariablesHandlerOptions,
} from './core/handlers/on-call-ended.decorator.js';
export type {
  StandardIssue,
  StandardResult,
  StandardSchema,
} from './core/handlers/standard-schema.js';
export type {
  InferVariables,
  VariablesClass,
  VariablesOptions,
  VariablesSchema,
  VariablesSource,
} from './core/handlers/variables.js';
export {
  OnRejectedDelivery,
  type RejectedDeliveryDecorator,
} from './core/handlers/on-rejected-delivery.decorator.js';
export { OnRevragEvent, type HandlerDecorator } from './core/handlers/on-revrag-event.decorator.js';
export type { HandlerOptions, RejectedDeliveryOptions } from './core/handlers/subscription.js';
export type { DeliveryReport, HandlerCall } from './core/handlers/revrag-observer.js';
export { RevragObserver, type StuckHandlers } from './core/handlers/revrag-observer.js';
export { RevragDelivery } from './core/http/revrag-delivery.decorator.js';
export {
  IdempotencyStore,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
  type DeliveryIdentity,
  type IdempotencyScope,
  type Progress,
} from './core/idempotency/idempotency-store.js';
export {
  MemoryIdempotencyStore,
  type MemoryIdempotencyStoreOptions,
} from './core/idempotency/memory-idempotency-store.js';
export {
  InjectRevragWebhook,
  getRevragWebhookToken,
} from './core/module/inject-revrag-webhook.decorator.js';
export {
  RevragWebhookModule,
  type RevragWebhookAsyncOptions,
} from './core/module/revrag-webhook.module.js';
export type {
  IdempotencyOptions,
  RevragWebhookModuleOptions,
  RevragWebhookOptions,
  RevragWebhookOptionsFactory,
  RevragWebhookSecret,
} from './core/module/revrag-webhook.options.js';
export { RevragWebhookService } from './core/module/revrag-webhook.service.js';
export { RevragNotAcceptedError } from './core/errors/revrag-not-accepted.error.js';
export { RevragBodyError, type RevragBodyErrorCode } from './core/errors/revrag-body.error.js';
export { RevragConfigurationError } from './core/errors/revrag-configuration.error.js';
export {
  RevragSignatureError,
  type RevragSignatureErrorCode,
} from './core/errors/revrag-signature.error.js';
export {
  RevragUnavailableError,
  type RevragUnavailableErrorCode,
} from './core/errors/revrag-unavailable.error.js';
export { RevragPermanentError } from './core/errors/revrag-permanent.error.js';
export { RevragUnknownEndpointError } from './core/errors/revrag-unknown-endpoint.error.js';
export { RevragWebhookError } from './core/errors/revrag-webhook.error.js';
export type { WebhookHeaders } from './core/signature/headers.js';
export { RevragEndpoint } from './core/http/revrag-endpoint.decorator.js';
export { RevragSignatureGuard } from './core/http/revrag-signature.guard.js';
export type { Accept, UnverifiedRequest } from './core/delivery/endpoint-registry.js';
export type { PathParams } from './core/signature/path-params.js';
export type {
  SecretAnswer,
  SecretFunction,
  SecretRequest,
  SecretSource,
  Secrets,
} from './core/signature/secrets.js';
export type { RawBody, ReceivedOptions } from './core/signature/signature-verifier.js';
export type { SenderHeaders } from './core/signature/sender-headers.js';
export { VerifiedDelivery, type SentWith } from './core/signature/verified-delivery.js';
