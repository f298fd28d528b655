/** The module or a handler is set up in a way that can't work; stops the boot and says how to mend it. */
export class RevragConfigurationError extends Error {
  override readonly name = 'RevragConfigurationError';
  readonly code = 'invalid_configuration';
}
