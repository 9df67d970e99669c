// Whether the arguments ask for help.

/** `--help` anywhere before `--`; `-h` is df's. */
export function isHelpAsked(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--help');
}
