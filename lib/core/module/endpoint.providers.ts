import type { FactoryProvider, InjectionToken } from '@nestjs/common';
import { Subject } from 'rxjs';
import { Clock } from '../common/clock.js';
import { DeliveryObserver } from '../handlers/delivery-observer.js';
import { DeliveryProcessor } from '../delivery/delivery-processor.js';
import { DeliverySink } from '../delivery/delivery-sink.js';
import { InFlight } from '../delivery/in-flight.js';
import { InlineSink } from '../delivery/inline-sink.js';
import { OutcomeLog } from '../delivery/outcome-log.js';
import { RejectedDeliveries } from '../delivery/rejected-deliveries.js';
import { RejectedDeliverySink } from '../delivery/rejected-delivery-sink.js';
import { WebhookReceiver } from '../delivery/webhook-receiver.js';
import type { RevragEvent } from '../events/revrag-event.js';
import { HandlerRegistry } from '../handlers/handler.registry.js';
import { RejectedDeliveryNotifier } from '../handlers/rejected-delivery.notifier.js';
import { IdempotencyStore } from '../idempotency/idempotency-store.js';
import { MemoryIdempotencyStore } from '../idempotency/memory-idempotency-store.js';
import { NoIdempotencyStore } from '../idempotency/no-idempotency-store.js';
import { getRevragWebhookToken } from './inject-revrag-webhook.decorator.js';
import { resolveOptions, type ResolvedOptions } from './resolve-options.js';
import { MODULE_OPTIONS_TOKEN } from './revrag-webhook.module-definition.js';
import type { RevragWebhookOptions, RevragWebhookSecret } from './revrag-webhook.options.js';
import { RevragWebhookService } from './revrag-webhook.service.js';
import { EndpointRegistry, type Endpoint } from '../delivery/endpoint-registry.js';
import { SecretKeys } from '../signature/secret-keys.js';
import { SignatureVerifier } from '../signature/signature-verifier.js';

const OPTIONS = Symbol('RevragResolvedOptions');
const ENDPOINT = Symbol('RevragEndpoint');
const ACCEPTED = Symbol('RevragAcceptedEvents');
/** The store of the module's endpoint. */
export const STORE = Symbol('RevragIdempotencyStore');

/** A MAC is of use to a replay for twice the tolerance; the rest is for clocks that differ. */
const MAC_RETENTION_MARGIN_MS = 60_000;

export const receiverToken = (name: string): string => `WebhookReceiver(${name})`;

/** Everything that belongs to one endpoint, wired from its options. */
export function endpointProviders(name: string, path: string | false): FactoryProvider[] {
  return [
    {
      provide: OPTIONS,
      inject: [MODULE_OPTIONS_TOKEN],
      useFactory: (given: RevragWebhookOptions | RevragWebhookSecret) =>
        resolveOptions(given, name),
    },
    {
      provide: ENDPOINT,
      inject: [OPTIONS, EndpointRegistry, Clock],
      useFactory: (options: ResolvedOptions, registry: EndpointRegistry, clock: Clock) => {
        const { bodyLimit, bodyTimeout, accept, shutdownTimeout } = options;
        const keys = new SecretKeys(options.secret, name, clock);
        const verifier = new SignatureVerifier(name, keys, options.tolerance, clock);
        const limits = { bodyLimit, bodyTimeout, shutdownTimeout };
        const endpoint: Endpoint = { name, path, ...limits, accept, verifier };
        registry.add(endpoint);
        return endpoint;
      },
    },
    {
      provide: STORE,
      inject: [OPTIONS, Clock, optional(IdempotencyStore)],
      useFactory: (options: ResolvedOptions, clock: Clock, provided?: IdempotencyStore) => {
        if (!options.idempotent) return new NoIdempotencyStore();
        const now = () => clock.now();
        return options.store ?? provided ?? new MemoryIdempotencyStore({ now });
      },
    },
    { provide: ACCEPTED, useFactory: () => new Subject<RevragEvent>() },
    {
      provide: receiverToken(name),
      inject: [
        OPTIONS,
        ENDPOINT,
        STORE,
        HandlerRegistry,
        InFlight,
        OutcomeLog,
        Clock,
        InlineSink,
        RejectedDeliveryNotifier,
        ACCEPTED,
        optional(DeliverySink),
        optional(RejectedDeliverySink),
        optional(DeliveryObserver),
      ],
      useFactory: createReceiver,
    },
    {
      provide: getRevragWebhookToken(name),
      inject: [ENDPOINT, receiverToken(name), ACCEPTED],
      useFactory: (
        { verifier }: Endpoint,
        receiver: WebhookReceiver,
        accepted: Subject<RevragEvent>,
      ) => new RevragWebhookService(verifier, receiver, accepted.asObservable()),
    },
  ];
}

function createReceiver(
  options: ResolvedOptions,
  endpoint: Endpoint,
  store: IdempotencyStore,
  registry: HandlerRegistry,
  inFlight: InFlight,
  log: OutcomeLog,
  clock: Clock,
  inline: InlineSink,
  notifier: RejectedDeliveryNotifier,
  accepted: Subject<RevragEvent>,
  sink?: DeliverySink,
  rejectedSink?: RejectedDeliverySink,
  observer?: DeliveryObserver,
): WebhookReceiver {
  const { lease, retention, handlerTimeout } = options;
  const macRetention = 2 * options.tolerance + MAC_RETENTION_MARGIN_MS;
  const processor = new DeliveryProcessor(
    registry,
    store,
    sink ?? inline,
    inFlight,
    clock,
    { lease, retention, macRetention, handlerTimeout },
    event => accepted.next(event),
  );
  const rejected = new RejectedDeliveries(notifier, rejectedSink, inFlight, clock);
  return new WebhookReceiver(endpoint, processor, inFlight, rejected, log, clock, observer);
}

const optional = (token: InjectionToken) => ({ token, optional: true });
