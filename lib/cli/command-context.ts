import type { ExitCode } from './exit-code.js';
import type { Terminal } from './terminal.js';

/** What a command needs of the process it runs in. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Aborts with Ctrl-C. */
  readonly signal: AbortSignal;
  /** Sets the code that the process ends with. */
  readonly exit: (code: ExitCode) => void;
}
