import type { LoggerService } from '@nestjs/common';
import { printableLines } from '../../core/common/printable.js';
import type { Terminal } from '../terminal.js';

/** Shows the module's line for each delivery, warnings and errors, but not Nest's lines at boot. */
export class TerminalLogger implements LoggerService {
  constructor(private readonly terminal: Terminal) {}

  log(message: unknown, ...rest: unknown[]): void {
    if (rest.at(-1) === 'RevragWebhook') this.write(message, 'dim');
  }

  warn(message: unknown): void {
    this.write(message, 'yellow');
  }

  error(message: unknown, ...rest: unknown[]): void {
    // What keeps the app from listening is thrown as well, and reported with its cure.
    if (rest.at(-1) !== 'NestApplication') this.write(message, 'red');
  }

  fatal(message: unknown): void {
    this.write(message, 'red');
  }

  debug(): void {}

  verbose(): void {}

  private write(message: unknown, style: 'dim' | 'yellow' | 'red'): void {
    const text = message instanceof Error ? message.message : String(message);
    this.terminal.err(this.terminal.paintErr(style, printableLines(text)));
  }
}
