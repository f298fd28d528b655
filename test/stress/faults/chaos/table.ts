import type { Violation } from './checker.js';
import type { Report } from './run.js';

const HEAD = [
  'system',
  'seconds',
  'nemeses',
  'sent',
  'acknowledged',
  'lost',
  'twice',
  'untrue',
  'stuck',
  'crashed',
  'repeated, as documented',
  'forgotten, as documented',
  'MB at most',
];

/** A table in Markdown, a line for each system, and how often each nemesis struck. */
export function tableOf(seed: number, reports: readonly (readonly [string, Report])[]): string {
  const rows = reports.map(([name, report]) => rowOf(name, report));
  const strikes = new Map<string, number>();
  for (const [, report] of reports) {
    for (const [name, count] of report.strikes) strikes.set(name, (strikes.get(name) ?? 0) + count);
  }
  const struck = [...strikes].map(([name, count]) => `${name} ${count}`).join(', ');
  const lines = [HEAD, HEAD.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`);
  return [`Seed ${seed}.`, '', ...lines, '', `Nemeses: ${struck}.`].join('\n');
}

function rowOf(name: string, report: Report): (string | number)[] {
  const count = (kind: Violation['kind']): number =>
    report.violations.filter(violation => violation.kind === kind).length;
  const strikes = [...report.strikes.values()].reduce((sum, each) => sum + each, 0);
  const { seconds, sent, acknowledged, repeated, forgotten, rss } = report;
  return [
    ...[name, Math.round(seconds), strikes, sent, acknowledged],
    ...[count('lost'), count('twice'), count('untrue'), count('stuck'), count('crashed')],
    ...[repeated, forgotten, Math.round(rss / 1024 / 1024)],
  ];
}
