// Loads the alert rules and the queries of the Grafana dashboard into Prometheus's own checker, promtool, and runs
// the tests of the rules. Debian's package "prometheus" brings promtool.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../docs/monitoring/', import.meta.url));

function promtool(...args) {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  if (status === 0) return;
  console.error(`promtool ${args.join(' ')}\n${stdout}${stderr}`);
  process.exitCode = 1;
}

/** The queries as rules, which promtool reads; Grafana's variables stand for themselves. */
function rulesOf(dashboard) {
  const expressions = dashboard.panels.flatMap(({ targets = [] }) =>
    targets.map(({ expr }) => expr),
  );
  const rules = expressions.map((expr, index) => ({
    record: `panel:query:${index}`,
    expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1d'),
  }));
  return { groups: [{ name: 'dashboard', rules }] };
}

if (spawnSync('promtool', ['--version']).error) {
  console.log('promtool is not on PATH: rules and queries are not checked. Install prometheus.');
} else {
  const temporary = mkdtempSync(join(tmpdir(), 'revrag-monitoring-'));
  try {
    const dashboard = JSON.parse(readFileSync(join(folder, 'grafana-dashboard.json'), 'utf8'));
    const queries = join(temporary, 'queries.json');
    // JSON is YAML.
    writeFileSync(queries, JSON.stringify(rulesOf(dashboard)));
    promtool('check', 'rules', queries);
    promtool('check', 'rules', join(folder, 'alerts.yml'));
    promtool('test', 'rules', join(folder, 'alerts.test.yml'));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
