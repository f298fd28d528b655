import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { reasonFor } from './reasons.mjs';

const NOT_NOTICED = ['Survived', 'NoCoverage'];
const NOTICED = ['Killed', 'Timeout'];
const one = text => text.replace(/\s+/g, ' ').trim();

/** Figures of a run, and the survivors for which no reason is given. */
export function summaryOf(results) {
  const survivors = results.filter(({ status }) => NOT_NOTICED.includes(status)).map(toChange);
  const noticed = results.filter(({ status }) => NOTICED.includes(status)).length;
  const mutants = noticed + survivors.length;
  const unexplained = survivors.filter(({ file, key }) => !reasonFor(file, key));
  return { mutants, noticed, survivors, unexplained };
}

/** A mutant as `reasons.mjs` names it: its first line, what was there and what the mutant has instead. */
function toChange({ fileName, location: { start, end }, replacement }) {
  const file = relative(process.cwd(), fileName).replaceAll('\\', '/');
  // Lines and columns count from 1.
  const lines = readFileSync(fileName, 'utf8').split('\n');
  const own = lines.slice(start.line - 1, end.line);
  own[own.length - 1] = own.at(-1).slice(0, end.column - 1);
  own[0] = own[0].slice(start.column - 1);
  const key = `${one(lines[start.line - 1])} | ${one(own.join('\n'))} → ${one(replacement)}`;
  return { file, line: start.line, key };
}
