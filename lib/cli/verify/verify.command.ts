import { Command, Option } from 'commander';
import { CliError } from '../cli-error.js';
import type { CommandContext } from '../command-context.js';
import { ExitCode } from '../exit-code.js';
import { readBytes } from '../files.js';
import { time, wholeNumber, type TimeOption } from '../option-values.js';
import { readSecrets, secretsOption } from '../secrets.js';
import { decodeCapture } from './decode-capture.js';
import { readCapture, type ReadCapture } from './read-capture.js';
import { reportDiagnosis } from './verify-report.js';
import { readHeaders } from './read-headers.js';

interface Options {
  readonly secret?: readonly string[];
  readonly headers?: string;
  readonly body?: string;
  readonly entry?: number;
  readonly at?: TimeOption;
  readonly tolerance: number;
  readonly json?: boolean;
}

const HELP = `
It reads raw HTTP, a HAR, a curl command ("Copy as cURL" of browsers and
Postman, for bash and cmd), output of curl -v, a PowerShell command, Postman's
console, events of API Gateway and ALB, exports of webhook.site, requests logged
as JSON (Express, pino) or by console.log(); in UTF-8, UTF-16 or Base64.

Most captures are older than the tolerance: the age is shown, but counts only if
the time of receipt is known, from --at or from the capture.

Examples:
  revrag-webhook verify request.txt
  revrag-webhook verify recorded.har --entry 2
  revrag-webhook verify --headers headers.txt --body body.bin
  revrag-webhook verify request.txt --secret older --secret newer
  revrag-webhook verify request.txt --at 2026-06-01T12:00:00Z

Exit codes:
  0  authentic
  1  not authentic
  2  wrong options, or an input that can't be read`;

export const verifyCommand = (context: CommandContext): Command =>
  new Command('verify')
    .description('Show which check a captured request fails, and why.')
    .argument('[capture]', 'a request in any form listed below; - for standard input')
    .addOption(secretsOption())
    .addOption(new Option('--headers <path>', 'the headers: lines "Name: value", or a JSON object'))
    .addOption(new Option('--body <path>', 'the body, byte for byte'))
    .option(
      '--entry <n>',
      'which signed request, if the capture holds several',
      wholeNumber(1, 1_000_000),
    )
    .option('--at <time>', 'time of receipt: Unix seconds, ISO 8601, or from now: -10m', time)
    .option(
      '--tolerance <seconds>',
      'how old the delivery may be at that time',
      wholeNumber(1, 86_400),
      300,
    )
    .option('--json', 'the diagnosis as a JSON object')
    .addHelpText('after', HELP)
    .action((capture: string | undefined, options: Options) => verify(context, capture, options));

async function verify(
  { terminal, exit }: CommandContext,
  capture: string | undefined,
  options: Options,
): Promise<void> {
  const secrets = readSecrets(options.secret, terminal);
  const { request, name } = await readInput(capture, options);
  const now = new Date();
  // Loaded late: it brings class-validator, which no other command needs.
  const { diagnose } = await import('./diagnose.js');
  const diagnosis = diagnose({
    request,
    secrets,
    at: options.at?.(now) ?? request.receivedAt,
    now,
    tolerance: options.tolerance,
  });
  const source = { readAs: name, ...(request.note !== undefined && { note: request.note }) };
  if (options.json) terminal.json({ ...source, ...diagnosis });
  else {
    terminal.out(terminal.paint('dim', `Read as ${name}.`));
    if (request.note !== undefined) terminal.out(terminal.paint('yellow', request.note));
    reportDiagnosis(diagnosis, terminal);
  }
  exit(diagnosis.authentic ? ExitCode.Ok : ExitCode.Refused);
}

async function readInput(
  capture: string | undefined,
  { headers, body, entry }: Options,
): Promise<ReadCapture> {
  if (headers !== undefined && body !== undefined && capture === undefined) {
    const [head, bytes] = [decodeCapture(await readBytes(headers)), await readBytes(body)];
    const request = { headers: readHeaders(head.bytes.toString('utf8')), body: bytes };
    return { request, name: 'headers and a body apart' };
  }
  if (capture === undefined || headers !== undefined || body !== undefined) {
    throw new CliError(
      'There is nothing to verify.',
      'Give a captured request, or both --headers and --body.',
    );
  }
  return readCapture(await readBytes(capture), entry);
}
