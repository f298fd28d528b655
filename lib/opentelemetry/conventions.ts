/** Names from OpenTelemetry's semantic conventions, in the version of `SCHEMA_URL`. */
export const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.45.0';

export const ERROR_TYPE = 'error.type';
export const HTTP_STATUS_CODE = 'http.response.status_code';
export const SYSTEM = 'messaging.system.name';
export const OPERATION_NAME = 'messaging.operation.name';
export const OPERATION_TYPE = 'messaging.operation.type';
export const DESTINATION = 'messaging.destination.name';
export const MESSAGE_ID = 'messaging.message.id';
export const BATCH_COUNT = 'messaging.batch.message_count';
export const PROCESS_DURATION = 'messaging.process.duration';
export const OPERATION_DURATION = 'messaging.client.operation.duration';

/** The `error.type` of an error without a name. */
export const OTHER = '_OTHER';

/** Upper bounds of the buckets of the conventions' durations, in seconds. */
export const DURATION_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** This library's own names. */
export const ENDPOINT = 'revrag.webhook.endpoint';
export const EVENT_TYPE = 'revrag.webhook.event.type';
export const OUTCOME = 'revrag.webhook.outcome';
export const CODE = 'revrag.webhook.code';
export const HANDLER = 'revrag.webhook.handler';
export const HANDLERS = 'revrag.webhook.handlers';
export const UNFINISHED = 'revrag.webhook.unfinished_handlers';
export const DELIVERY_ID = 'revrag.webhook.delivery.id';
export const ATTEMPT = 'revrag.webhook.attempt';
export const DELIVERIES = 'revrag.webhook.deliveries';
export const VIOLATIONS = 'revrag.webhook.violations';
export const STUCK_HANDLERS = 'revrag.webhook.stuck_handlers';
export const QUEUE_WAITING = 'revrag.webhook.queue.waiting';
export const QUEUE_FAILED = 'revrag.webhook.queue.failed';
export const QUEUE_PROGRESS_AGE = 'revrag.webhook.queue.progress_age';
export const HANDLER_DURATION = 'revrag.webhook.handler.duration';
