import { Inject, Injectable, Optional } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Announcements } from '../delivery/announcements.js';
import { Claims } from '../delivery/claims.js';
import { Conflicts } from '../delivery/conflicts.js';
import { DeliveryProcessor } from '../delivery/delivery-processor.js';
import { DeliverySink } from '../delivery/delivery-sink.js';
import { EndpointRegistry, type Endpoint } from '../delivery/endpoint-registry.js';
import { HandlerLimits } from '../delivery/handler-limits.js';
import { InFlight } from '../delivery/in-flight.js';
import { InlineSink } from '../delivery/inline-sink.js';
import { OutcomeLog } from '../delivery/outcome-log.js';
import { RejectedDeliveries } from '../delivery/rejected-deliveries.js';
import { WebhookReceiver } from '../delivery/webhook-receiver.js';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';
import { HandlerDispatcher } from '../handlers/handler.dispatcher.js';
import { HandlerRegistry } from '../handlers/handler.registry.js';
import { Observers } from '../handlers/observers.js';
import { IdempotencyStore } from '../idempotency/idempotency-store.js';
import { MemoryIdempotencyStore } from '../idempotency/memory-idempotency-store.js';
import { NoIdempotencyStore } from '../idempotency/no-idempotency-store.js';
import { SecretKeys } from '../signature/secret-keys.js';
import { SignatureVerifier } from '../signature/signature-verifier.js';
import { resolveOptions, toOptions, type ResolvedOptions } from './resolve-options.js';
import type { RevragWebhookOptions, RevragWebhookSecret } from './revrag-webhook.options.js';
import { RevragWebhookService } from './revrag-webhook.service.js';

/** An endpoint, ready to receive. */
export interface BuiltEndpoint {
  readonly service: RevragWebhookService;
  readonly receiver: WebhookReceiver;
  readonly store: IdempotencyStore;
}

/** Builds one endpoint from its options and from what the endpoints of an app share. */
@Injectable()
export class EndpointFactory {
  @Inject(Clock) private readonly clock!: Clock;
  @Inject(EndpointRegistry) private readonly endpoints!: EndpointRegistry;
  @Inject(HandlerRegistry) private readonly registry!: HandlerRegistry;
  @Inject(HandlerDispatcher) private readonly dispatcher!: HandlerDispatcher;
  @Inject(InFlight) private readonly inFlight!: InFlight;
  @Inject(OutcomeLog) private readonly outcomes!: OutcomeLog;
  @Inject(Observers) private readonly observers!: Observers;
  @Inject(InlineSink) private readonly inlineSink!: InlineSink;
  @Optional() @Inject(IdempotencyStore) private readonly providedStore?: IdempotencyStore;
  @Optional() @Inject(DeliverySink) private readonly providedSink?: DeliverySink;

  /** @throws RevragConfigurationError for an option that can't be used, or a name or path used twice */
  build(
    name: string,
    path: string | false,
    given: RevragWebhookOptions | RevragWebhookSecret,
  ): BuiltEndpoint {
    const { clock, registry, dispatcher, inFlight, outcomes, observers } = this;
    const options = resolveOptions(given, name);
    if (this.providedSink) checkNoLimits(name, given);
    const endpoint = this.register(name, path, options);
    const store = this.storeOf(options);
    const { retention, by, lease, handlerTimeout, graceTimeout, onStuck } = options;
    const claims = new Claims(store, { by, lease, retention }, clock);
    const announcements = new Announcements();
    const sink = this.providedSink ?? this.inlineSink;
    const limits = new HandlerLimits({ handlerTimeout, graceTimeout, onStuck }, clock, observers);
    const conflicts = new Conflicts(observers);
    const parts = { registry, dispatcher, sink, claims, inFlight, clock };
    const processor = new DeliveryProcessor({ ...parts, conflicts, limits, announcements });
    const rejected = new RejectedDeliveries(parts);
    const receiver = new WebhookReceiver({
      endpoint,
      processor,
      rejected,
      inFlight,
      outcomes,
      clock,
      observers,
    });
    const service = new RevragWebhookService(endpoint, receiver, announcements.events$);
    return { service, receiver, store };
  }

  private register(name: string, path: string | false, options: ResolvedOptions): Endpoint {
    const { tolerance, secretHeaders, bodyLimit, bodyTimeout, shutdownTimeout } = options;
    const { strict, accept } = options;
    const keys = new SecretKeys(options.secret, name, this.clock, options.secretMaxStale);
    const verifier = new SignatureVerifier(name, keys, tolerance, this.clock, secretHeaders);
    const limits = { bodyLimit, bodyTimeout, shutdownTimeout };
    const endpoint: Endpoint = { name, path, verifier, strict, accept, ...limits };
    this.endpoints.add(endpoint);
    return endpoint;
  }

  private storeOf({ idempotent, store }: ResolvedOptions): IdempotencyStore {
    if (!idempotent) return new NoIdempotencyStore();
    const { clock } = this;
    const now = () => clock.monotonic();
    return store ?? this.providedStore ?? new MemoryIdempotencyStore({ now });
  }
}

function checkNoLimits(name: string, given: RevragWebhookOptions | RevragWebhookSecret): void {
  const options = toOptions(given);
  const limits = (['handlerTimeout', 'graceTimeout', 'onStuck'] as const).filter(
    limit => options[limit] !== undefined,
  );
  if (limits.length === 0) return;
  throw new RevragConfigurationError(
    `RevRag webhook endpoint "${name}": ${limits.join(', ')} would have no effect, as workers of the queue call ` +
      'the handlers. Give it to RevragBullModule.',
  );
}
