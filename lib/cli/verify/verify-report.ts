import { printable, printableLines } from '../../core/common/printable.js';
import type { Style, Terminal } from '../terminal.js';
import type { Check, Diagnosis } from './diagnose.js';

const MARKS: Readonly<Record<Check['status'], readonly [mark: string, style: Style]>> = {
  pass: ['✓', 'green'],
  fail: ['✗', 'red'],
  note: ['!', 'yellow'],
  skipped: ['-', 'dim'],
};

/** Writes a diagnosis for a reader. */
export function reportDiagnosis(
  { authentic, checks, causes }: Diagnosis,
  terminal: Terminal,
): void {
  for (const { name, status, message, violations = [] } of checks) {
    const [mark, style] = MARKS[status];
    terminal.out(`${terminal.paint(style, mark)} ${name.padEnd(9)}  ${printableLines(message)}`);
    for (const { path, message: problem } of violations) {
      terminal.out(
        `             ${path === '' ? '' : `${printable(path)}: `}${printableLines(problem)}`,
      );
    }
  }
  for (const { proven, message, cure } of causes) {
    terminal.out();
    terminal.out(
      `${terminal.paint('bold', proven ? 'Cause:' : 'Likely cause:')} ${printableLines(message)}`,
    );
    terminal.out(`  ${cure}`);
  }
  terminal.out();
  terminal.out(
    authentic
      ? terminal.paint(['green', 'bold'], 'Authentic')
      : terminal.paint(['red', 'bold'], 'Not authentic: an endpoint answers 401'),
  );
}
