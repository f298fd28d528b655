import type { Awaitable } from '../common/awaitable.js';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';
import type { PathParams } from './path-params.js';
import { signingKey, type SigningKeys } from './scheme.js';

/** One secret, or several while one replaces another. */
export type Secrets = string | readonly string[];

/** The argument of a secret function. Nothing of it is authentic. */
export interface SecretRequest {
  /** Name of the endpoint. */
  readonly endpoint: string;
  /** The parameters of the endpoint's path. */
  readonly params: PathParams;
  /** The headers that the option `secretHeaders` names and the sender sent, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The answer of a secret function. `undefined`, `null`, `''` and `[]` mean that there is no secret. */
export type SecretAnswer = Secrets | null | undefined;

/** Returns the secrets at run time. */
export type SecretFunction = (request: SecretRequest) => Awaitable<SecretAnswer>;

/** Secrets, or a function that returns them at run time. */
export type SecretSource = Secrets | SecretFunction;

export const isNoSecret = (answer: unknown): boolean =>
  [answer].flat().every(secret => secret === undefined || secret === null || secret === '');

/** @throws RevragConfigurationError as `checkSecrets` */
export function prepareKeys(secrets: unknown, endpoint: string): SigningKeys {
  return checkSecrets(secrets, endpoint).map(signingKey);
}

/** @throws RevragConfigurationError that names the mistake and its likely cause, never the secret */
function checkSecrets(secrets: unknown, endpoint: string): readonly string[] {
  const invalid = (problem: string, cure: string) =>
    new RevragConfigurationError(`RevRag webhook endpoint "${endpoint}": ${problem}. ${cure}`);
  const list: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets];
  if (list.length === 0) throw invalid('the list of secrets is empty', 'Give at least one secret.');
  for (const secret of list) {
    if (secret === undefined || secret === null) {
      throw invalid(
        'the secret is missing',
        'Is the environment variable set? forRoot() runs when its file is loaded, perhaps before a .env ' +
          'file is read. forRootAsync() with ConfigService waits for it.',
      );
    }
    if (typeof secret !== 'string') {
      throw invalid(`a secret is of type ${typeof secret}`, 'A secret is a string.');
    }
    if (secret.trim() === '') {
      throw invalid(
        'the secret is empty',
        'Is the environment variable set to the value you agreed on?',
      );
    }
    if (secret !== secret.trim()) {
      throw invalid(
        'the secret has white space around it',
        'A file or a copied value often ends with a line break. Remove it.',
      );
    }
  }
  return list as readonly string[];
}
