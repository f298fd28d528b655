#!/usr/bin/env node
import { setMaxListeners } from 'node:events';
import { CommanderError } from 'commander';
import { printableLines } from '../core/common/printable.js';
import { CliError } from './cli-error.js';
import { ExitCode } from './exit-code.js';
import { createProgram } from './program.js';
import { Terminal } from './terminal.js';

const terminal = new Terminal();
const interrupt = new AbortController();
// Each request of `send --concurrency` listens; Node warns of more than ten.
setMaxListeners(0, interrupt.signal);

// The first signal ends the command in order; a second one has no handler left, and ends it at once.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupt.abort());

// `revrag-webhook … | head` closes the pipe, which is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(ExitCode.Ok);
  throw error;
});

const program = createProgram({
  terminal,
  signal: interrupt.signal,
  exit: code => (process.exitCode = code),
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): ExitCode {
  // Commander has printed it.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage;
  const { message, hint, exitCode } =
    error instanceof CliError ? error : new CliError(`Unexpected: ${String(error)}`);
  terminal.err(`${terminal.paintErr(['red', 'bold'], 'error:')} ${printableLines(message)}`);
  if (hint !== undefined) terminal.err(printableLines(hint));
  return exitCode;
}
