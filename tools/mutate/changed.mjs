import { execFileSync } from 'node:child_process';
import { TESTS, mutate } from './stryker.mjs';

/** Tests of `http` and `module` run on sockets and take too long. */
const FOLDERS = Object.keys(TESTS).filter(name => /^lib\/core\/(?!http|module)/.test(name));
const MAX_LINES = 80;
const MAX_UNNOTICED = 3;
const THRESHOLD = 0.8;

const git = (...args) =>
  execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();

/** What this change started from; undefined where there is no history. */
function base(branch) {
  for (const find of [
    () => git('merge-base', 'HEAD', branch),
    () => git('rev-parse', '--verify', 'HEAD^1'),
  ]) {
    try {
      const commit = find();
      if (commit !== git('rev-parse', 'HEAD')) return commit;
    } catch {
      // The next one, then.
    }
  }
  return undefined;
}

/** The changed lines, as `file:from-to`. */
function changedLines(since) {
  let file;
  const ranges = [];
  for (const line of git('diff', '--unified=0', since, '--', ...FOLDERS).split('\n')) {
    if (line.startsWith('+++ ')) file = line.startsWith('+++ b/') ? line.slice(6) : undefined;
    const hunk = /^@@ \S+ \+(\d+)(?:,(\d+))? @@/.exec(line);
    const count = Number(hunk?.[2] ?? 1);
    if (hunk && file?.endsWith('.ts') && count > 0) ranges.push({ file, from: +hunk[1], count });
  }
  return ranges;
}

/** The first ranges that have so many lines together. */
function upTo(max, ranges) {
  let left = max;
  return ranges.flatMap(({ file, from, count }) => {
    const taken = Math.min(count, left);
    left -= taken;
    return taken > 0 ? `${file}:${from}-${from + taken - 1}` : [];
  });
}

/**
 * Tries mutants of the lines that a change touches. It fails if more than three of them, and more than a fifth, go
 * unnoticed without a reason. There is no verdict where there is no history or where tests fail without a mutant.
 */
export async function mutateChanged(branch = 'origin/main') {
  const since = base(branch);
  const ranges = since ? changedLines(since) : [];
  if (ranges.length === 0) return console.log('No changed lines to mutate.');
  const names = FOLDERS.filter(name => ranges.some(({ file }) => file.startsWith(`${name}/`)));
  let summary;
  try {
    summary = await mutate(upTo(MAX_LINES, ranges), names, {});
  } catch (error) {
    return console.log(`No verdict: ${error.message}`);
  }
  const { mutants, unexplained } = summary;
  const isTooFew = unexplained.length > (1 - THRESHOLD) * mutants;
  if (unexplained.length <= MAX_UNNOTICED || !isTooFew) return;
  console.error(
    `Of ${mutants} mutants of the changed lines, tests do not notice ${unexplained.length}: more than ` +
      `${MAX_UNNOTICED}, and more than a fifth. Have a test notice them, or give a reason for them in ` +
      'tools/mutate/reasons.mjs (see docs/mutants.md).',
  );
  process.exitCode = 1;
}
