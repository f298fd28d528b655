import { Command, Option } from 'commander';
import { CliError } from '../cli-error.js';
import type { CommandContext } from '../command-context.js';
import { ExitCode } from '../exit-code.js';
import { readBytes } from '../files.js';
import { time, wholeNumber, type TimeOption } from '../option-values.js';
import { readSecrets, secretsOption } from '../secrets.js';
import type { CapturedRequest } from './captured-request.js';
import { reportDiagnosis } from './verify-report.js';
import { readHar } from './read-har.js';
import { readHeaders } from './read-headers.js';
import { readRawHttp } from './read-raw-http.js';

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
A capture is old by nature: its age is told, but held against it only where the time of receipt is
known, from --at or from a HAR.

Examples:
  $ revrag-webhook verify request.txt                          raw HTTP: head, empty line, body
  $ revrag-webhook verify recorded.har --entry 2
  $ revrag-webhook verify --headers headers.txt --body body.bin
  $ revrag-webhook verify request.txt --secret "$OLD" --secret "$NEW"
  $ revrag-webhook verify request.txt --at 2026-06-01T12:00:00Z --tolerance 300

Exit codes:
  0  authentic
  1  not authentic
  2  wrong options, or an input that can't be read`;

export const verifyCommand = (context: CommandContext): Command =>
  new Command('verify')
    .description('Say which check a captured request fails, and why.')
    .argument('[capture]', 'raw HTTP text or HAR; - for standard input')
    .addOption(secretsOption())
    .addOption(new Option('--headers <path>', 'the headers: lines "Name: value", or a JSON object'))
    .addOption(new Option('--body <path>', 'the body, byte for byte'))
    .option('--entry <n>', 'which signed request of a HAR', wholeNumber(1, 1_000_000))
    .option('--at <time>', 'time of receipt: Unix seconds, ISO 8601, or from now: -10m', time)
    .option('--tolerance <seconds>', 'how old it may be then', wholeNumber(1, 86_400), 300)
    .option('--json', 'the diagnosis as a JSON object')
    .addHelpText('after', HELP)
    .action((capture: string | undefined, options: Options) => verify(context, capture, options));

async function verify(
  { terminal, exit }: CommandContext,
  capture: string | undefined,
  options: Options,
): Promise<void> {
  const secrets = readSecrets(options.secret, terminal);
  const request = await readCapture(capture, options);
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
  if (options.json) terminal.json(diagnosis);
  else reportDiagnosis(diagnosis, terminal);
  exit(diagnosis.authentic ? ExitCode.Ok : ExitCode.Refused);
}

async function readCapture(
  capture: string | undefined,
  { headers, body, entry }: Options,
): Promise<CapturedRequest> {
  if (headers !== undefined && body !== undefined && capture === undefined) {
    const [text, bytes] = [await readBytes(headers), await readBytes(body)];
    return { headers: readHeaders(text.toString('utf8')), body: bytes };
  }
  if (capture === undefined || headers !== undefined || body !== undefined) {
    throw new CliError(
      'What is to be verified?',
      'Give a captured request (raw HTTP or HAR), or both --headers and --body.',
    );
  }
  const bytes = await readBytes(capture);
  const isJson = /^(?:\xef\xbb\xbf)?\s*[{[]/.test(bytes.toString('latin1', 0, 200));
  return isJson ? readHar(bytes.toString('utf8'), entry) : readRawHttp(bytes);
}
