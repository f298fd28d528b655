import { Global, Module } from '@nestjs/common';
import { DeliveryObserver } from '../core/handlers/delivery-observer.js';
import { TelemetryObserver } from './telemetry-observer.js';

/**
 * Spans and metrics of what happens to deliveries, for OpenTelemetry. Import it once, in the root
 * module; the SDK has to be started before the app is created, and without one nothing is recorded.
 */
@Global()
@Module({
  providers: [{ provide: DeliveryObserver, useClass: TelemetryObserver }],
  exports: [DeliveryObserver],
})
export class RevragTelemetryModule {}
