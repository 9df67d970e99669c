// dist/core.js: all of our code, for the command line (launcher.ts) and for programs (library.ts).
export { start } from './main.js';

/** What src/index.ts exports; nothing of it is evaluated before. */
export function library(): object {
  return require('../index.js');
}
