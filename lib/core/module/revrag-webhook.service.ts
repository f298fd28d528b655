import type { Observable } from 'rxjs';
import type { Outcome } from '../delivery/outcome.js';
import type { Endpoint } from '../delivery/endpoint-registry.js';
import type { WebhookReceiver } from '../delivery/webhook-receiver.js';
import type { CallEndedDto } from '../events/dto/call-ended.dto.js';
import { parseEvent } from '../events/parse-event.js';
import type { RevragEvent } from '../events/revrag-event.js';
import type { WebhookHeaders } from '../signature/headers.js';
import type { RawBody, ReceivedOptions } from '../signature/signature-verifier.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';

/** An endpoint without HTTP: for Lambda, a queue consumer, your own controller. */
export class RevragWebhookService {
  readonly #endpoint: Pick<Endpoint, 'verifier' | 'strict'>;
  readonly #receiver: WebhookReceiver;

  constructor(
    endpoint: Pick<Endpoint, 'verifier' | 'strict'>,
    receiver: WebhookReceiver,
    events$: Observable<RevragEvent>,
  ) {
    this.#endpoint = endpoint;
    this.#receiver = receiver;
    this.events$ = events$;
  }

  /**
   * Accepted events: emitted when their handlers have finished, even late, or when they are queued; also events
   * that no handler matches. Each is emitted once, as far as this process remembers.
   */
  readonly events$: Observable<RevragEvent>;

  /**
   * Verifies a delivery.
   *
   * @throws RevragSignatureError if it is not authentic
   * @throws RevragBodyError `raw_body_missing` if the body is not given as bytes or text
   * @throws RevragUnavailableError `secret_unavailable`, or RevragUnknownEndpointError, if there is no secret
   */
  verify(
    rawBody: RawBody,
    headers: WebhookHeaders,
    { receivedAt, params }: ReceivedOptions = {},
  ): Promise<VerifiedDelivery> {
    return this.#endpoint.verifier.verify(rawBody, headers, { receivedAt, params });
  }

  /**
   * Verifies a delivery, then parses and validates its payload.
   *
   * @throws RevragPayloadError if its body can't be read, and what `verify()` throws
   */
  async constructEvent<T = CallEndedDto>(
    rawBody: RawBody,
    headers: WebhookHeaders,
    options: ReceivedOptions = {},
  ): Promise<RevragEvent<T>> {
    const delivery = await this.verify(rawBody, headers, options);
    return parseEvent(delivery, this.#endpoint) as RevragEvent<T>;
  }

  /**
   * Processes a delivery as the endpoint does: verifies, validates, claims, calls the handlers. A mistake of the
   * sender is the outcome `refused`, not a rejection. `toAnswer(outcome)` makes a response of it.
   */
  async receive(
    rawBody: RawBody,
    headers: WebhookHeaders,
    { receivedAt, params }: ReceivedOptions = {},
  ): Promise<Outcome> {
    // Field by field: no other property of the caller's object may get in.
    return this.#receiver.receive(rawBody, headers, { receivedAt, params });
  }
}
