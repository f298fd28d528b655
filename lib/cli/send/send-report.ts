import { printable } from '../../core/common/printable.js';
import type { Terminal } from '../terminal.js';
import { hintFor, isAsExpected, type Attempt } from './attempt.js';
import { progressLine } from './progress-line.js';
import { labelOf, type Summary, type Tally } from './tally.js';

/** Up to here each delivery gets a line. */
const FEW = 20;
const REDRAW_MS = 100;

interface SendReportOptions {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly total: number;
  readonly url: URL;
  /** Whether they have to be refused. */
  readonly tampered: boolean;
  /** What to say of a duplicate, where it may be a surprise. */
  readonly duplicateHint?: string | undefined;
}

/** Shows the results: one line for each of few deliveries, a bar and a summary for many. */
export class SendReport {
  private readonly hinted = new Set<string>();
  private drawnAt = 0;

  constructor(private readonly options: SendReportOptions) {}

  add(attempt: Attempt, tally: Tally): void {
    const { terminal, json, total, url } = this.options;
    const hint = this.isGood(attempt) ? this.hintForGood(attempt) : hintFor(attempt, url);
    if (json) terminal.json({ kind: 'delivery', ...attempt, hint });
    else if (total <= FEW) terminal.out(this.line(attempt));
    if (total > FEW) this.draw(tally);
    if (!json && !this.hinted.has(labelOf(attempt))) this.explain(attempt, hint);
  }

  /** @param interrupted whether Ctrl-C came before the end */
  finish(tally: Tally, interrupted: boolean): void {
    const { terminal, json, total } = this.options;
    if (total > FEW && terminal.isWatched) terminal.progress('');
    const summary = tally.summary();
    if (json) terminal.json({ kind: 'summary', ...summary, interrupted });
    else if (total > 1) this.summarise(summary, tally, interrupted);
  }

  private isGood(attempt: Attempt): boolean {
    return isAsExpected(attempt, this.options.tampered);
  }

  private hintForGood({ answer }: Attempt): string | undefined {
    return answer === 'duplicate' ? this.options.duplicateHint : undefined;
  }

  private line(attempt: Attempt): string {
    const { terminal } = this.options;
    const label = terminal.paint(
      this.isGood(attempt) ? 'green' : 'red',
      labelOf(attempt).padEnd(14),
    );
    return `${label}  ${printable(attempt.type)}  ${printable(attempt.id)}  ${terminal.paint('dim', `${attempt.ms} ms`)}`;
  }

  /** Once for each kind of answer, as a thousand of them have most likely one cause. */
  private explain(attempt: Attempt, hint: string | undefined): void {
    const isGood = this.isGood(attempt);
    if (isGood && hint === undefined) return;
    const { terminal, total } = this.options;
    this.hinted.add(labelOf(attempt));
    if (total > FEW && terminal.isWatched) terminal.progress('');
    if (total > FEW) terminal.err(terminal.paintErr(isGood ? 'yellow' : 'red', labelOf(attempt)));
    for (const text of [attempt.message, hint]) if (text) terminal.err(`  ${text}`);
  }

  private draw(tally: Tally): void {
    const { terminal, total } = this.options;
    const now = performance.now();
    if (!terminal.isWatched || now - this.drawnAt < REDRAW_MS) return;
    this.drawnAt = now;
    const { sent } = tally;
    const { bar, counts, failed } = progressLine(
      { sent, total, failed: sent - tally.expected },
      terminal.progressWidth,
    );
    terminal.progress(terminal.paintErr('cyan', bar) + counts + terminal.paintErr('red', failed));
  }

  private summarise(summary: Summary, { expected }: Tally, interrupted: boolean): void {
    const { terminal, total, tampered } = this.options;
    const { sent, seconds, perSecond, ms } = summary;
    const style = expected === sent ? 'green' : 'red';
    const good = tampered
      ? `${expected} refused with 401, as they should be,`
      : `${expected} accepted`;
    const of = interrupted ? ` of ${total}, then interrupted` : '';
    terminal.out(
      `${terminal.paint('bold', `${sent} sent${of}`)}, ${terminal.paint(style, good)} in ${seconds} s (${perSecond}/s)`,
    );
    const answers = Object.entries(summary.answers).sort(([, a], [, b]) => b - a);
    for (const [label, count] of answers) {
      terminal.out(`  ${String(count).padStart(7)}  ${label}`);
    }
    if (ms)
      terminal.out(
        `  time: p50 ${ms.p50} ms, p95 ${ms.p95} ms, p99 ${ms.p99} ms, max ${ms.max} ms`,
      );
  }
}
