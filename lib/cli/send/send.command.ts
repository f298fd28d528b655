import { Command, Option } from 'commander';
import { printable } from '../../core/common/printable.js';
import { CliError } from '../cli-error.js';
import type { CommandContext } from '../command-context.js';
import { ExitCode } from '../exit-code.js';
import { headerValue, time, wholeNumber } from '../option-values.js';
import { readSecrets, secretOption } from '../secrets.js';
import { readReply, type Attempt } from './attempt.js';
import { makePlan, type SendOptions, type Step } from './plan.js';
import { Poster } from './post.js';
import { runAll } from './run-all.js';
import { SendReport } from './send-report.js';
import { TAMPERINGS } from './tamper.js';
import { Tally } from './tally.js';
import { probeHangUp, type HangUp } from './why-no-answer.js';

interface Options extends SendOptions {
  readonly secret?: string;
  readonly concurrency: number;
  readonly timeout: number;
  readonly json?: boolean;
}

const HELP = `
A receiver recognises a delivery by its body, and by its id together with its
call. So each repeat is another call under another id; with --id it is the same
delivery, sent again. A file or a replay that the receiver has seen before is a
duplicate, unless --new-ids gives it another call_id.

Examples:
  revrag-webhook send http://localhost:3000/webhooks/revrag
                                      a sample call; append to it:
  --messages 5000                     a long transcript
  --repeat 1000 --concurrency 20      some load
  --id evt_1 --repeat 2               processed, then a duplicate
  --file body.json --new-ids          the file as another call
  --tamper signature                  must be refused
  --timestamp -10m                    too old: refused as well
  --replay received                   what "listen --save received" wrote

Exit codes:
  0    each was answered with 2xx; with --tamper: each was refused with 401
  1    at least one was not
  2    wrong options, or an input that can't be read
  3    at least one got no answer: connection refused, no such host, timeout
  130  interrupted`;

export const sendCommand = (context: CommandContext): Command =>
  new Command('send')
    .description('Sign call.ended deliveries as RevRag does, and post them.')
    .argument('<url>', 'where the endpoint listens')
    .addOption(secretOption())
    .addOption(
      new Option(
        '--file <path>',
        'the body: exactly the bytes of a file; - for standard input',
      ).conflicts(['messages', 'replay']),
    )
    .addOption(
      new Option('--messages <n>', 'a sample call with this many messages in its transcript')
        .argParser(wholeNumber(0, 1_000_000))
        .conflicts('replay'),
    )
    .addOption(
      new Option(
        '--replay <folder>',
        'what "listen --save" wrote, signed again, with its ids',
      ).conflicts(['id', 'repeat']),
    )
    .addOption(
      new Option(
        '--new-ids',
        'with --file or --replay: another X-Webhook-ID and call_id each, so that nothing is a duplicate',
      ).conflicts('id'),
    )
    .option('--id <id>', 'X-Webhook-ID (default: a new one each)', headerValue)
    .option('--type <type>', 'X-Webhook-Event (default: call.ended)', headerValue)
    .option('--timestamp <time>', 'Unix seconds, ISO 8601, or from now: -10m, +30s', time)
    .option('--repeat <n>', 'how many to send (default: 1)', wholeNumber(1, 10_000_000))
    .option('--concurrency <n>', 'how many at the same time', wholeNumber(1, 500), 1)
    .addOption(
      new Option(
        '--tamper <part>',
        'change a part after signing, so that the receiver must refuse it',
      ).choices(TAMPERINGS),
    )
    .option('--timeout <seconds>', 'how long to wait for an answer', wholeNumber(1, 3600), 30)
    .option('--json', 'one JSON object per line: each delivery, then a summary')
    .addHelpText('after', HELP)
    .action((url: string, options: Options) => send(context, url, options));

async function send(context: CommandContext, target: string, options: Options): Promise<void> {
  const { terminal, signal } = context;
  const url = parseUrl(target);
  const [secret = ''] = readSecrets(options.secret, terminal);
  if (secret !== secret.trim()) {
    throw new CliError(
      'The secret has white space around it.',
      'A file or a copied value often ends with a line break. Remove it.',
    );
  }
  const { total, steps, warning } = await makePlan(options, secret);
  if (warning !== undefined) terminal.err(terminal.paintErr('yellow', warning));
  const concurrency = Math.min(options.concurrency, total);
  const poster = new Poster(url, concurrency, options.timeout * 1000);
  const tally = new Tally(options.tamper !== undefined);
  const report = new SendReport({
    terminal,
    json: options.json === true,
    total,
    url,
    tampered: options.tamper !== undefined,
    duplicateHint: duplicateHint(options),
  });
  try {
    // Probed once: a thousand resets most likely have one cause.
    let hangUp: Promise<HangUp> | undefined;
    await runAll(steps, concurrency, signal, async step => {
      const attempt = await sendOne(poster, step, signal);
      if (!attempt) return;
      if (isHangUp(attempt)) attempt.hangUp = await (hangUp ??= probeHangUp(url));
      tally.add(attempt);
      report.add(attempt, tally);
    });
  } finally {
    poster.close();
    report.finish(tally, signal.aborted);
  }
  context.exit(signal.aborted ? ExitCode.Interrupted : exitCodeOf(tally));
}

/** @returns undefined where it was interrupted */
async function sendOne(
  poster: Poster,
  step: Step,
  signal: AbortSignal,
): Promise<Attempt | undefined> {
  const delivery = await step();
  const { 'x-webhook-id': id, 'x-webhook-event': type } = delivery.headers;
  const startedAt = performance.now();
  const since = () => Math.round((performance.now() - startedAt) * 10) / 10;
  try {
    const reply = await poster.post(delivery, signal);
    return { id, type, ms: since(), ...readReply(reply) };
  } catch (cause) {
    if (signal.aborted) return undefined;
    const { code = 'ERROR', message } = cause as NodeJS.ErrnoException;
    return { id, type, ms: since(), error: code, message: printable(message, 300) };
  }
}

const isHangUp = ({ error }: Attempt): boolean => error === 'ECONNRESET' || error === 'EPIPE';

/** A duplicate is expected for repeats of one id, but may surprise for a file or a replay. */
function duplicateHint({ file, replay, id, newIds }: Options): string | undefined {
  if ((file ?? replay) === undefined || id !== undefined || newIds) return undefined;
  return 'The receiver has seen this body before; --new-ids makes another call of it.';
}

function exitCodeOf(tally: Tally): ExitCode {
  if (tally.count('unanswered') > 0) return ExitCode.NoAnswer;
  return tally.expected === tally.sent ? ExitCode.Ok : ExitCode.Refused;
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new CliError(
    'That is not the URL of an endpoint.',
    'Give one such as http://localhost:3000/webhooks/revrag, with http:// or https://.',
  );
}
