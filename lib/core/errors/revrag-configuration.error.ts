/** The module or a handler is configured in a way that cannot work. Stops the boot; the message names the cure. */
export class RevragConfigurationError extends Error {
  override readonly name = 'RevragConfigurationError';
  readonly code = 'invalid_configuration';
}
