import type { LoggerService } from '@nestjs/common';

/** A Nest logger that keeps what it is given. */
export class LogCollector implements LoggerService {
  readonly lines: { level: string; text: string }[] = [];

  log = this.collect('log');
  warn = this.collect('warn');
  error = this.collect('error');
  fatal = this.collect('fatal');
  debug = this.collect('debug');
  verbose = this.collect('verbose');

  /** Everything that was logged, stacks included. */
  get text(): string {
    return this.lines.map(({ text }) => text).join('\n');
  }

  of(level: string): string[] {
    return this.lines.filter(line => line.level === level).map(({ text }) => text);
  }

  private collect(level: string) {
    return (...parts: unknown[]): void => {
      this.lines.push({ level, text: parts.map(String).join(' ') });
    };
  }
}
