import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const folder = new URL('../../../.github/workflows/', import.meta.url);
const workflows = readdirSync(folder).map(name => ({
  name,
  text: readFileSync(new URL(name, folder), 'utf8'),
}));

/** The text of each job, by its name. */
function jobsOf(text: string): [string, string][] {
  const [, jobs = ''] = text.split(/^jobs:$/m);
  return jobs
    .split(/^ {2}(?=[\w-]+:$)/m)
    .slice(1)
    .map(job => [job.slice(0, job.indexOf(':')), job]);
}

describe.each(workflows)('.github/workflows/$name', ({ text }) => {
  it('takes actions by commit, and says which release that is', () => {
    const used = [...text.matchAll(/uses: (.*)$/gm)].map(([, action]) => action);
    expect(used).not.toHaveLength(0);
    for (const action of used) expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('leaves no credentials behind, and grants nothing to all jobs', () => {
    const checkouts = text.match(/uses: actions\/checkout@/g) ?? [];
    const withoutCredentials = text.match(/^ {10}persist-credentials: false$/gm) ?? [];
    expect(withoutCredentials).toHaveLength(checkouts.length);
    expect(text).toMatch(/^permissions: \{\}$/m);
  });

  it('limits the time of each job, and says what it may do', () => {
    const jobs = jobsOf(text);
    expect(jobs).not.toHaveLength(0);
    for (const [name, job] of jobs) {
      expect(job, name).toMatch(/^ {4}timeout-minutes: \d+$/m);
      expect(job, name).toMatch(/^ {4}permissions:$/m);
    }
  });

  it('puts nothing that others write into a shell', () => {
    const runs = text.match(/run: .*\$\{\{.*$/gm) ?? [];
    expect(runs).toEqual([]);
  });
});
