import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { printableJson } from '../core/common/printable.js';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** A stream that may be a terminal. */
export type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'hasColors'>>;

/** As much of a secret as could be told from ordinary text. */
const MIN_HIDDEN_LENGTH = 4;

/** Where the commands write. Colours on a terminal only (NO_COLOR is respected), secrets never. */
export class Terminal {
  private readonly hidden = new Set<string>();

  constructor(
    private readonly stdout: Output = process.stdout,
    private readonly stderr: Output = process.stderr,
  ) {}

  /** Whether somebody watches stderr, which is where progress is shown. */
  get isWatched(): boolean {
    return this.stderr.isTTY === true;
  }

  /** Columns of the output. */
  get width(): number {
    return Math.min((this.stdout as Partial<WriteStream>).columns ?? 100, 120);
  }

  /** Columns that progress may take: one line, as only that can be drawn over. */
  get progressWidth(): number {
    return ((this.stderr as Partial<WriteStream>).columns ?? 80) - 1;
  }

  /** From here on the secret is written as `***`, wherever it comes from. */
  hide(secret: string): void {
    for (const text of [secret, secret.trim(), JSON.stringify(secret).slice(1, -1)]) {
      if (text.length >= MIN_HIDDEN_LENGTH) this.hidden.add(text);
    }
  }

  out(line = ''): void {
    this.stdout.write(`${this.redact(line)}\n`);
  }

  json(value: unknown): void {
    this.out(printableJson(value));
  }

  err(line = ''): void {
    this.stderr.write(`${this.redact(line)}\n`);
  }

  /** Replaces what the last call drew; an empty text wipes it. */
  progress(text: string): void {
    this.stderr.write(`\r\u001b[2K${this.redact(text)}`);
  }

  /** For text that goes to `out()`. */
  paint(style: Style | Style[], text: string): string {
    return paint(this.stdout, style, text);
  }

  /** For text that goes to `err()`. */
  paintErr(style: Style | Style[], text: string): string {
    return paint(this.stderr, style, text);
  }

  private redact(text: string): string {
    let safe = text;
    for (const secret of this.hidden) safe = safe.replaceAll(secret, '***');
    return safe;
  }
}

function paint(stream: Output, style: Style | Style[], text: string): string {
  if (!stream.isTTY || !stream.hasColors?.()) return text;
  // Asked of the stream already; Node 20 and 22 differ in what styleText asks by itself.
  return styleText(style, text, { validateStream: false });
}
