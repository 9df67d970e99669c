// Every target, from the registries: a new format is one by itself.

import type { Target } from '../target.js';
import { readToy } from '../toy.js';
import { containerTargets } from './containers.js';
import { dfTarget } from './df.js';
import { filesystemTargets, fileTargets, logTargets } from './filesystems.js';
import { parserTargets } from './parsers.js';
import { questionTargets } from './questions.js';
import { volumeTargets } from './volumes.js';

/** Parsers first, since those are cheap. */
export const targets: readonly Target[] = [
  ...parserTargets,
  ...volumeTargets,
  ...containerTargets,
  ...filesystemTargets,
  ...logTargets,
  ...fileTargets,
  ...questionTargets,
  dfTarget,
];

/** Has a bug, for the test of the fuzzer: it is run only by its name. */
export const toy: Target = {
  name: 'toy',
  async run(source) {
    await readToy(source);
    return 'toy';
  },
};
