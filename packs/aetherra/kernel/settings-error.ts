/** The environment or the command line asks for what this kernel must not be. It does not start. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}
