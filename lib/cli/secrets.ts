import { Option } from 'commander';
import { CliError } from './cli-error.js';
import type { Terminal } from './terminal.js';

export const SECRET_VARIABLE = 'REVRAG_WEBHOOK_SECRET';

/** The variable is read by hand: commander would print its value with some errors. */
export const secretOption = (): Option =>
  new Option(
    '--secret <secret>',
    `signing secret; better kept in the variable ${SECRET_VARIABLE}, as others see a command line`,
  );

export const secretsOption = (): Option =>
  new Option(
    '--secret <secret>',
    `signing secret, again for each further one; default: the variable ${SECRET_VARIABLE}`,
  ).argParser<string[]>((secret, before) => [...(before ?? []), secret]);

/** @throws CliError where there is none */
export function readSecrets(
  given: string | readonly string[] | undefined,
  terminal: Terminal,
): readonly string[] {
  const variable = process.env[SECRET_VARIABLE];
  const secrets = given === undefined ? [variable ?? ''] : [given].flat();
  for (const secret of secrets) terminal.hide(secret);
  if (given === undefined && variable === undefined) {
    throw new CliError(
      'There is no secret.',
      `Set ${SECRET_VARIABLE} to the signing secret agreed on with RevRag, or give --secret.`,
    );
  }
  if (secrets.some(secret => secret.trim() === '')) {
    throw new CliError(
      'The secret is empty.',
      `Is ${given === undefined ? SECRET_VARIABLE : 'what --secret is given'} set to the value agreed on with RevRag?`,
    );
  }
  return secrets;
}
