// The flags about the terminal, which every command that reads guests has.
import * as Flags from '@oclif/core/flags';
import { DEFAULT_LEVELS } from '../report/paint.js';

export const SHOWN = 'TABLE';
const LEAST_WIDTH = 20;
const GREATEST_WIDTH = 10_000;

export const terminalFlags = {
  width: Flags.integer({
    helpGroup: SHOWN,
    env: 'VIRT_DF_WIDTH',
    helpValue: 'N',
    min: LEAST_WIDTH,
    max: GREATEST_WIDTH,
    summary: "as on a terminal of N columns, also when piped (default: the terminal's)",
  }),
  'no-trunc': Flags.boolean({
    helpGroup: SHOWN,
    env: 'VIRT_DF_NO_TRUNC',
    summary: 'names and reasons as long as they are, whatever the width',
  }),
  color: Flags.string({
    helpGroup: SHOWN,
    env: 'VIRT_DF_COLOR',
    helpValue: 'WHEN',
    default: 'auto',
    options: ['auto', 'always', 'never'],
    summary:
      'colours: auto (on a terminal, and as NO_COLOR and FORCE_COLOR say), always (as on a terminal, also when piped), never',
  }),
  ascii: Flags.boolean({
    helpGroup: SHOWN,
    env: 'VIRT_DF_ASCII',
    summary: 'nothing but ASCII: # for bars, other letters spelled (\\u{e9})',
  }),
  'no-progress': Flags.boolean({
    helpGroup: SHOWN,
    env: 'VIRT_DF_NO_PROGRESS',
    summary: 'no line on stderr that counts guests while they are read',
  }),
};

/** Of what changes while somebody looks. */
export const watchFlags = {
  watch: Flags.integer({
    char: 'w',
    helpGroup: SHOWN,
    helpValue: 'SEC',
    min: 1,
    max: 86_400,
    summary: 'asks again every SEC seconds (2 without a number), until it is interrupted',
  }),
};

/** Of tables that say how full something is. */
export const levelFlags = {
  warn: level('VIRT_DF_WARN', DEFAULT_LEVELS.warnPercent, 'yellow'),
  crit: level('VIRT_DF_CRIT', DEFAULT_LEVELS.criticalPercent, 'red'),
};

function level(env: string, percent: number, colour: string) {
  return Flags.integer({
    helpGroup: SHOWN,
    env,
    helpValue: 'PERCENT',
    min: 0,
    max: 101,
    default: percent,
    summary: `use% from which a row is ${colour}`,
  });
}
