import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { CommandContext } from './command-context.js';
import { printableLines } from '../core/common/printable.js';
import { listenCommand } from './listen/listen.command.js';
import { sendCommand } from './send/send.command.js';
import { verifyCommand } from './verify/verify.command.js';

const HELP = `
The secret is read from the variable REVRAG_WEBHOOK_SECRET, else from .env in
the working directory.

Examples:
  revrag-webhook listen                      a receiver for experiments
  revrag-webhook send http://localhost:3000/webhooks/revrag
                                             a signed call.ended
  revrag-webhook verify request.txt          why is this one refused?

Exit codes:
  0    done
  1    refused: an answer other than 2xx (send), not authentic (verify)
  2    wrong options, an input that can't be read, or no start (listen)
  3    no answer (send)
  130  interrupted (send)`;

export function createProgram(context: CommandContext): Command {
  const program = new Command('revrag-webhook')
    .description('Send, verify and receive RevRag webhooks from the command line.')
    .version(readVersion())
    .addHelpText('after', HELP)
    .showSuggestionAfterError()
    .exitOverride()
    // A value may be a secret given with a mistyped option: only the option's name is shown.
    .configureOutput({
      outputError: (message, write) =>
        write(printableLines(message.replace(/'(--?[\w-]+)=[^']*'/g, "'$1'"))),
    });
  for (const create of [sendCommand, verifyCommand, listenCommand]) {
    program.addCommand(create(context).copyInheritedSettings(program));
  }
  return program;
}

function readVersion(): string {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}
