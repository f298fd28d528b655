export { RevragTelemetryModule } from './revrag-telemetry.module.js';
