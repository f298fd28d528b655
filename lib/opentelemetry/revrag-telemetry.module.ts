import { Global, Module } from '@nestjs/common';
import { Telemetry } from '../core/handlers/telemetry.js';
import { OtelTelemetry } from './otel-telemetry.js';

/**
 * Spans and metrics of what happens to deliveries, for OpenTelemetry. Import it once, in the root
 * module; the SDK has to be started before the app is created, and without one nothing is recorded.
 */
@Global()
@Module({
  providers: [{ provide: Telemetry, useClass: OtelTelemetry }],
  exports: [Telemetry],
})
export class RevragTelemetryModule {}
