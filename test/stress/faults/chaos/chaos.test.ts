import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canStartPostgres } from '../../../support/servers/postgres.js';
import { canStartRedis } from '../../../support/servers/redis.js';
import { runChaos, type Report } from './run.js';
import { forgetful, SYSTEMS } from './systems.js';
import { tableOf } from './table.js';

/** What `npm test` has; `npm run chaos` has all systems, for longer. */
const SHORT_SECONDS = 4;
const SHORT_SEED = 1;
const SHORT: readonly string[] = ['store on Redis', 'queue on PostgreSQL'];

const { CHAOS_SECONDS, CHAOS_SEED, CHAOS_SYSTEM } = process.env;
const seed = Number(CHAOS_SEED ?? (CHAOS_SECONDS ? Math.floor(Math.random() * 1e9) : SHORT_SEED));
const names = Object.keys(SYSTEMS) as (keyof typeof SYSTEMS)[];
const chosen = names.filter(name =>
  CHAOS_SECONDS ? !CHAOS_SYSTEM || name === CHAOS_SYSTEM : SHORT.includes(name),
);
const seconds = CHAOS_SECONDS ? Number(CHAOS_SECONDS) / chosen.length : SHORT_SECONDS;

/** To find out why: a run can't be repeated exactly. */
function keep(name: string, { violations, history }: Report): void {
  const file = join(tmpdir(), `chaos-${name.replaceAll(' ', '-')}-${seed}.json`);
  writeFileSync(file, JSON.stringify({ violations, ...history }));
  console.log(`The history is in ${file}.`);
}

const TIMEOUT = (seconds + 180) * 1_000;

describe.skipIf(!canStartRedis || !canStartPostgres)(`chaos (CHAOS_SEED=${seed})`, () => {
  const reports: [string, Report][] = [];

  it.each(chosen)('%s keeps what the README promises', { timeout: TIMEOUT }, async name => {
    const report = await runChaos(SYSTEMS[name], { seed, seconds });
    reports.push([name, report]);
    if (CHAOS_SECONDS) console.log(tableOf(seed, reports));
    if (report.violations.length > 0) keep(name, report);
    expect(report.violations.slice(0, 20)).toEqual([]);
    expect(report.acknowledged).toBe(report.sent);
    expect(report.runs).toBeGreaterThan(report.sent);
  });

  it('finds what processes do that share no store', { timeout: TIMEOUT }, async () => {
    const { violations } = await runChaos(forgetful, { seed, seconds: 1 });
    expect(violations.map(({ kind }) => kind)).toContain('twice');
  });
});
