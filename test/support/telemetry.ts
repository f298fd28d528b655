import { context, metrics, propagation, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type MetricData,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-node';
import { afterEach, beforeEach } from 'vitest';

/** OpenTelemetry's SDK for the tests of a file, each with nothing recorded yet. */
export class Telemetry {
  private readonly spanExporter = new InMemorySpanExporter();
  private readonly metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  private readonly meters = new MeterProvider({
    readers: [
      new PeriodicExportingMetricReader({
        exporter: this.metricExporter,
        exportIntervalMillis: 3_600_000,
      }),
    ],
  });
  private readonly tracers = new NodeTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(this.spanExporter)],
  });

  start(): void {
    this.tracers.register();
    metrics.setGlobalMeterProvider(this.meters);
  }

  async stop(): Promise<void> {
    await Promise.all([this.tracers.shutdown(), this.meters.shutdown()]);
    for (const api of [trace, metrics, context, propagation]) api.disable();
  }

  get spans(): ReadableSpan[] {
    return this.spanExporter.getFinishedSpans();
  }

  span(name: string): ReadableSpan | undefined {
    return this.spans.find(span => span.name === name);
  }

  /** Lines such as `name < name of its parent`, sorted. */
  get tree(): string[] {
    const nameOf = (id: string | undefined) =>
      this.spans.find(span => span.spanContext().spanId === id)?.name ?? '-';
    return this.spans
      .map(span => `${span.name} < ${nameOf(span.parentSpanContext?.spanId)}`)
      .sort();
  }

  async scopes(): Promise<ScopeMetrics[]> {
    this.metricExporter.reset();
    await this.meters.forceFlush();
    return this.metricExporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
  }

  async metrics(): Promise<MetricData[]> {
    return (await this.scopes()).flatMap(({ metrics }) => metrics);
  }

  async points(name: string): Promise<{ attributes: object; value: unknown }[]> {
    const all = await this.metrics();
    return all.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
  }
}

/** To be called at the top of a file or `describe` block; there is one in each test. */
export function useTelemetry(): { readonly current: Telemetry } {
  let telemetry: Telemetry | undefined;
  beforeEach(() => {
    telemetry = new Telemetry();
    telemetry.start();
  });
  afterEach(() => telemetry?.stop());
  return {
    get current() {
      if (!telemetry) throw new Error('There is no telemetry outside of a test');
      return telemetry;
    },
  };
}
