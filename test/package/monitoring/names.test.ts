import { readFileSync } from 'node:fs';
import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import * as conventions from '../../../lib/opentelemetry/conventions.js';
import { DeliveryMetrics } from '../../../lib/opentelemetry/delivery-metrics.js';
import { useTelemetry } from '../../support/telemetry.js';

const read = (name: string) =>
  readFileSync(new URL(`../../../docs/monitoring/${name}`, import.meta.url), 'utf8');

const METRIC = /\b(?:revrag_webhook|messaging)_[a-z_]+\b(?=\s*[{)[\s"]|$)/gm;
/** In a matcher, a `by (…)` or an `on (…)`, a `{{…}}` of Grafana, or `$labels` of an alert. */
const LABEL =
  /\b((?:revrag_webhook|messaging|http|error)_[a-z_]+)(?=\s*(?:=~|!=|=|!~))|\{\{\s*(?:\$labels\.)?([a-z_]+)/g;

const telemetry = useTelemetry();

/** What the library measures, as Prometheus names it: by unit and kind. */
async function metricNames(): Promise<Set<string>> {
  const recorded = new DeliveryMetrics('test');
  const report = { endpoint: 'default', outcome: 'processed', statusCode: 200 };
  recorded.delivered({ ...report, violations: ['duration'] }, 1, {});
  recorded.handled(1, 'Calls.save', {});
  recorded.sent(1, {});
  recorded.stuck('Calls.save', 1);
  recorded.queue({ waiting: 1, failed: 0, progressAge: 0 }, {});
  return new Set((await telemetry.current.metrics()).flatMap(prometheusNames));
}

function prometheusNames({ descriptor, ...data }: MetricData): string[] {
  const unit = descriptor.unit === 's' ? '_seconds' : '';
  const name = underscored(descriptor.name) + unit;
  if (data.dataPointType === DataPointType.HISTOGRAM) {
    return ['_bucket', '_sum', '_count'].map(suffix => name + suffix);
  }
  const isCounter = data.dataPointType === DataPointType.SUM && data.isMonotonic;
  return [isCounter ? `${name}_total` : name];
}

const underscored = (name: string): string => name.replaceAll('.', '_');

describe.each(['alerts.yml', 'grafana-dashboard.json'])('docs/monitoring/%s', file => {
  const text = read(file).replaceAll('\\"', '"');
  const labels = new Set(
    Object.values(conventions)
      .filter(value => typeof value === 'string')
      .map(underscored),
  );

  it('names metrics that the library has', async () => {
    const known = await metricNames();
    const used = [...text.matchAll(METRIC)]
      .map(([name]) => name)
      .filter(name => known.has(name) || !labels.has(name));
    expect(new Set(used).size).toBeGreaterThan(5);
    expect([...new Set(used)].filter(name => !known.has(name))).toEqual([]);
  });

  it('names labels that the library sets', () => {
    const used = [...text.matchAll(LABEL)].map(([, matched, shown]) => matched ?? shown ?? '');
    expect(new Set(used).size).toBeGreaterThan(5);
    expect([...new Set(used)].filter(name => !labels.has(name))).toEqual([]);
  });
});
