import type { Clock } from '../common/clock.js';
import { RevragPayloadError } from '../errors/revrag-payload.error.js';
import { RevragWebhookError } from '../errors/revrag-webhook.error.js';
import { parseEvent } from '../events/parse-event.js';
import type { RevragEvent } from '../events/revrag-event.js';
import type { Observers } from '../handlers/observers.js';
import type { DeliveryHead, WebhookHeaders } from '../signature/headers.js';
import type { RawBody, ReceivedOptions } from '../signature/signature-verifier.js';
import { VerifiedDelivery } from '../signature/verified-delivery.js';
import type { DeliveryProcessor } from './delivery-processor.js';
import type { Endpoint } from './endpoint-registry.js';
import type { InFlight } from './in-flight.js';
import type { OutcomeLog } from './outcome-log.js';
import type { Outcome } from './outcome.js';
import type { RejectedDeliveries } from './rejected-deliveries.js';
import { shuttingDown } from '../errors/unavailable.js';

/** The parts of a receiver. */
interface ReceiverParts {
  readonly endpoint: Endpoint;
  readonly processor: DeliveryProcessor;
  readonly rejected: RejectedDeliveries;
  readonly inFlight: InFlight;
  readonly outcomes: OutcomeLog;
  readonly clock: Clock;
  readonly observers: Observers;
}

/** What is known of a delivery that came over HTTP. */
interface HttpReceivedOptions extends ReceivedOptions {
  /** The head, if it was read before the body. */
  readonly head?: DeliveryHead | undefined;
  /** The platform's request, if there is one. */
  readonly request?: object | undefined;
  /** Called when the bytes are verified, before anything is done with them. */
  readonly onVerified?: (() => void) | undefined;
}

/** Turns bytes and headers into an outcome, for one endpoint: verify, parse, process, log. */
export class WebhookReceiver {
  constructor(private readonly parts: ReceiverParts) {}

  /** @throws unexpected errors only; a refusal is an outcome */
  receive(
    rawBody: RawBody,
    headers: WebhookHeaders,
    options: HttpReceivedOptions = {},
  ): Promise<Outcome> {
    const { observers, endpoint } = this.parts;
    return observers.aroundDelivery(endpoint.name, () =>
      this.receiveOnce(rawBody, headers, options),
    );
  }

  /** Logs a delivery that was refused before it was verified. */
  refuse(error: RevragWebhookError): Outcome {
    const { outcomes, endpoint, clock } = this.parts;
    const outcome: Outcome = { status: 'refused', error };
    outcomes.write({ endpoint: endpoint.name, startedAt: clock.monotonic() }, outcome);
    return outcome;
  }

  private async receiveOnce(
    rawBody: RawBody,
    headers: WebhookHeaders,
    { receivedAt, params, head, request, onVerified }: HttpReceivedOptions,
  ): Promise<Outcome> {
    const { endpoint, processor, inFlight, outcomes, clock } = this.parts;
    const startedAt = clock.monotonic();
    const at = receivedAt?.getTime() ?? clock.now();
    const work = inFlight.add();
    let delivery: VerifiedDelivery | undefined;
    let event: RevragEvent | undefined;
    let outcome: Outcome;
    try {
      if (inFlight.closing) throw shuttingDown();
      const { verifier } = endpoint;
      const read = head ?? verifier.readHead(headers, at, params);
      delivery = await verifier.verifyBody(read, rawBody, at);
      onVerified?.();
      if (request) VerifiedDelivery.setRequest(delivery, request);
      event = await this.parse(delivery);
      outcome = await processor.process(event);
    } catch (error) {
      if (!(error instanceof RevragWebhookError)) {
        const { id, type } = delivery ?? {};
        outcomes.writeError({ endpoint: endpoint.name, id, type, startedAt }, error);
        throw error;
      }
      outcome = { status: 'refused', error };
    } finally {
      inFlight.remove(work);
      // An app may keep the delivery, which must not retain the request and its socket (decision 45).
      if (delivery) VerifiedDelivery.setRequest(delivery, undefined);
    }
    const { id, type } = delivery ?? {};
    const violations = event?.delivery.violations;
    outcomes.write({ endpoint: endpoint.name, id, type, startedAt, violations }, outcome);
    return outcome;
  }

  /** Parses a delivery; offers one that is rejected to those that want rejected ones. */
  private async parse(delivery: VerifiedDelivery): Promise<RevragEvent> {
    try {
      return parseEvent(delivery, this.parts.endpoint);
    } catch (error) {
      if (error instanceof RevragPayloadError) await this.parts.rejected.offer(delivery, error);
      throw error;
    }
  }
}
