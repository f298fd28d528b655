import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { Option } from 'commander';
import { CliError } from './cli-error.js';
import { fileError } from './files.js';
import type { Terminal } from './terminal.js';

const SECRET_VARIABLE = 'REVRAG_WEBHOOK_SECRET';
const ENV_FILE = '.env';

/** The command reads the variable itself: commander would print its value with some errors. */
export const secretOption = (): Option =>
  new Option(
    '--secret <secret>',
    `signing secret; safer in the variable ${SECRET_VARIABLE} or in ${ENV_FILE}, as other users can see a command line`,
  );

export const secretsOption = (): Option =>
  new Option(
    '--secret <secret>',
    `signing secret; repeat it for several; default: the variable ${SECRET_VARIABLE}, else its line in ${ENV_FILE}`,
  ).argParser<string[]>((secret, before) => [...(before ?? []), secret]);

/**
 * The secrets of the command line, else the one of the environment, else the one of `.env` in the
 * working directory.
 *
 * @throws CliError where there is none
 */
export function readSecrets(
  given: string | readonly string[] | undefined,
  terminal: Terminal,
): readonly string[] {
  if (given !== undefined) return check([given].flat(), 'what --secret is given', terminal);
  const variable = process.env[SECRET_VARIABLE];
  if (variable !== undefined) return check([variable], SECRET_VARIABLE, terminal);
  const line = readEnvFile();
  if (line === undefined) {
    throw new CliError(
      'There is no secret.',
      `Set ${SECRET_VARIABLE} to the signing secret agreed on with RevRag, here or in ${ENV_FILE}, or give --secret:\n` +
        `  ${setVariable('<the secret>')}`,
    );
  }
  const secrets = check([line], `${SECRET_VARIABLE} in ${ENV_FILE}`, terminal);
  terminal.err(terminal.paintErr('dim', `${SECRET_VARIABLE} was read from ${ENV_FILE}.`));
  return secrets;
}

function check(secrets: readonly string[], source: string, terminal: Terminal): readonly string[] {
  for (const secret of secrets) terminal.hide(secret);
  if (secrets.every(secret => secret.trim() !== '')) return secrets;
  throw new CliError(
    'The secret is empty.',
    `Is ${source} set to the value agreed on with RevRag?`,
  );
}

function readEnvFile(): string | undefined {
  try {
    return parseEnv(readFileSync(ENV_FILE, 'utf8'))[SECRET_VARIABLE];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError('read', ENV_FILE, error);
  }
}

/** How the current shell sets a variable. PowerShell sets `PSModulePath` on every platform. */
const setVariable = (value: string): string =>
  process.platform === 'win32' || 'PSModulePath' in process.env
    ? `$env:${SECRET_VARIABLE} = '${value}'`
    : `export ${SECRET_VARIABLE}='${value}'`;
