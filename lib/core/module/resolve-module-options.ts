import type { RevragWebhookModuleOptions } from './revrag-webhook.options.js';
import { DEFAULT_ENDPOINT } from '../delivery/endpoint-registry.js';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';

const DEFAULT_PATH = 'webhooks/revrag';
const MAX_PATH = 200;
const NAME = /^[\w.-]+$/;
/** Segments of text, and of one parameter each. */
const SEGMENT = '(?:[\\w\\-.~%]+|:[A-Za-z_]\\w*)';
const PATH = new RegExp(`^/*(?:${SEGMENT}(?:/+${SEGMENT})*/*)?$`);

/** @throws RevragConfigurationError that names the option, the mistake and the cure */
export function resolveModuleOptions(
  given: RevragWebhookModuleOptions,
): Required<RevragWebhookModuleOptions> {
  const { name = DEFAULT_ENDPOINT, path = DEFAULT_PATH, decorators = [], isGlobal = true } = given;
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new RevragConfigurationError(
      'The name of a RevRag webhook endpoint is made of letters, digits, ".", "_" and "-".',
    );
  }
  const invalid = (problem: string) =>
    new RevragConfigurationError(`RevRag webhook endpoint "${name}": ${problem}`);
  if (path !== false && (typeof path !== 'string' || path.length > MAX_PATH || !PATH.test(path))) {
    throw invalid(
      "path must be a path of text and parameters, such as 'webhooks/revrag' or 'webhooks/revrag/:agent', or false for no endpoint.",
    );
  }
  if (!Array.isArray(decorators) || decorators.some(each => typeof each !== 'function')) {
    throw invalid(
      'decorators must be a list of called class decorators, such as [ApiRevragWebhook()].',
    );
  }
  return {
    name,
    path: path === false ? false : path.replace(/^\/+|\/+$/g, ''),
    decorators,
    isGlobal,
  };
}
