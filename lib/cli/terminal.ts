import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { printableJson } from '../core/common/printable.js';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** A stream that may be a terminal. */
export type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'hasColors'>>;

/** A shorter secret could not be distinguished from ordinary text. In characters. */
const MIN_HIDDEN_LENGTH = 4;

/** The output of the commands: with colours on a terminal unless NO_COLOR is set, and without secrets. */
export class Terminal {
  private readonly hidden = new Set<string>();

  constructor(
    private readonly stdout: Output = process.stdout,
    private readonly stderr: Output = process.stderr,
  ) {}

  /** Whether stderr, where progress is shown, is a terminal. */
  get isWatched(): boolean {
    return this.stderr.isTTY === true;
  }

  /** Columns of the output. */
  get width(): number {
    return Math.min((this.stdout as Partial<WriteStream>).columns ?? 100, 120);
  }

  /** Columns of the progress line, which must not wrap, as only one line can be redrawn. */
  get progressWidth(): number {
    return ((this.stderr as Partial<WriteStream>).columns ?? 80) - 1;
  }

  /** Replaces the secret with `***` in all further output. */
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

  /** Replaces the progress line; an empty text clears it. */
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
  // The stream was asked above; Node 20 and 22 differ in what styleText checks.
  return styleText(style, text, { validateStream: false });
}
