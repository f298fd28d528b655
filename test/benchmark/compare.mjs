import { judge } from './targets.mjs';

/** What became of each figure since an earlier run. Ratios compare well between runs; times only on one machine. */
export function compare(before, after) {
  const earlier = new Map(judge(before).map(one => [one.figure, one.median]));
  const lines = judge(after).flatMap(({ figure, median }) => {
    const old = earlier.get(figure);
    if (old === undefined || median === undefined) return [];
    const change = ((median / old - 1) * 100).toFixed(1);
    return [`${figure}: ${old.toPrecision(3)} -> ${median.toPrecision(3)} (${change} %)`];
  });
  return `\nSince the earlier run:\n${lines.join('\n')}\n`;
}
