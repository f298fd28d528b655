import { once } from 'node:events';
import { Command } from 'commander';
import { printableLines } from '../../core/common/printable.js';
import { CliError } from '../cli-error.js';
import type { CommandContext } from '../command-context.js';
import { ExitCode } from '../exit-code.js';
import { fileError } from '../files.js';
import { wholeNumber } from '../option-values.js';
import { DeliveryFolder } from '../saved-delivery.js';
import { readSecrets, secretsOption } from '../secrets.js';
import type { Terminal } from '../terminal.js';
import { printEvent } from './print-event.js';
import type { ReceivedEvent, Receiver } from './receiver-app.js';

interface Options {
  readonly secret?: readonly string[];
  readonly port: number;
  readonly host: string;
  readonly path: string;
  readonly save?: string;
  readonly tolerance: number;
  readonly json?: boolean;
}

const HELP = `
It runs an app with this library's module, which verifies, validates and
deduplicates as yours does. It needs @nestjs/core and @nestjs/platform-express,
which a Nest app has. Saved deliveries hold transcripts, which are personal
data: choose the folder with care.

Examples:
  revrag-webhook listen
  revrag-webhook listen --port 8080 --path hooks/calls --save received
  revrag-webhook send http://localhost:3000/webhooks/revrag --replay received
  revrag-webhook listen --json

Exit codes:
  0  ended with Ctrl-C
  2  could not start`;

export const listenCommand = (context: CommandContext): Command =>
  new Command('listen')
    .description('Receive deliveries and show each verified event.')
    .addOption(secretsOption())
    .option('--port <n>', 'port to listen on; 0 for any that is free', wholeNumber(0, 65_535), 3000)
    .option('--host <address>', 'address to listen on; 0.0.0.0 for all', '127.0.0.1')
    .option('--path <path>', 'path of the endpoint', 'webhooks/revrag')
    .option('--save <folder>', 'keep each delivery: its exact bytes and its headers')
    .option('--tolerance <seconds>', 'how old a delivery may be', wholeNumber(1, 86_400), 300)
    .option('--json', 'one JSON object per line: each event')
    .addHelpText('after', HELP)
    .action((options: Options) => listen(context, options));

async function listen(context: CommandContext, options: Options): Promise<void> {
  const { terminal, signal, exit } = context;
  const secrets = readSecrets(options.secret, terminal);
  const { save } = options;
  const folder = save === undefined ? undefined : await new DeliveryFolder(save).open();
  const receiver = await openReceiver(options, secrets, terminal, event =>
    show(event, folder, options, terminal),
  );
  if (options.json) terminal.json({ kind: 'listening', url: receiver.url });
  else terminal.out(`Listening on ${terminal.paint('bold', receiver.url)}; Ctrl-C ends it.`);
  if (!signal.aborted) await once(signal, 'abort');
  await receiver.close();
  exit(ExitCode.Ok);
}

async function show(
  event: ReceivedEvent,
  folder: DeliveryFolder | undefined,
  { json, save = '' }: Options,
  terminal: Terminal,
): Promise<void> {
  const { payload, delivery, headers } = event;
  const { id, type, timestamp, rawBody } = delivery;
  let savedAs: string | undefined;
  try {
    savedAs = await folder?.save(id, { headers, body: rawBody });
  } catch (error) {
    // The sender gets 500, and the user the reason.
    const { message } = fileError('write', save, error);
    terminal.err(`${terminal.paintErr(['red', 'bold'], 'error:')} ${printableLines(message)}`);
    throw error;
  }
  if (json) return terminal.json({ kind: 'event', id, type, timestamp, savedAs, payload });
  printEvent(event, terminal);
  if (savedAs !== undefined) terminal.out(terminal.paint('dim', `  saved as ${savedAs}.*`));
}

async function openReceiver(
  { host, port, path, tolerance }: Options,
  secrets: readonly string[],
  terminal: Terminal,
  onEvent: (event: ReceivedEvent) => Promise<void>,
): Promise<Receiver> {
  await requireExpress();
  const { startReceiver } = await import('./receiver-app.js');
  try {
    return await startReceiver({ secrets, host, port, path, tolerance, terminal, onEvent });
  } catch (error) {
    throw startError(error as NodeJS.ErrnoException, { host, port });
  }
}

/** A Nest app has these optional peers; `npx` without a project does not. */
async function requireExpress(): Promise<void> {
  try {
    await import('@nestjs/core');
    await import('@nestjs/platform-express');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new CliError(
      '"listen" needs @nestjs/core and @nestjs/platform-express, which are not installed here.',
      'In a project: npm install @nestjs/core @nestjs/platform-express. Without one:\n' +
        '  npx -p nestjs-revrag-webhook -p @nestjs/platform-express revrag-webhook listen',
    );
  }
}

function startError(error: NodeJS.ErrnoException, { host, port }: Pick<Options, 'host' | 'port'>) {
  switch (error.code ?? '') {
    case 'EADDRINUSE':
      return new CliError(
        `Port ${port} is taken.`,
        'Stop the program that listens there, or choose another port with --port.',
      );
    case 'EACCES':
      return new CliError(`Port ${port} is not allowed.`, 'Choose one from 1024 up with --port.');
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new CliError(
        `This machine has no address ${host}.`,
        'Give one of its addresses with --host.',
      );
    default:
      // The module's own messages name the mistake and its cure.
      return new CliError(error.message);
  }
}
