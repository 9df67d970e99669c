// The settings of `virt-df top`, from its command line, the environment and the terminal.
import { UsageError } from '../../errors.js';
import { HUMAN } from '../../report/block-size.js';
import { ORDERS, type Order } from '../../report/top/order.js';
import type { Show, TopTextOptions } from '../../report/top/text.js';
import { TO_STDOUT } from '../bare-flags.js';
import type { CommandLine } from '../base-command.js';
import { libvirtSettings } from '../guest-settings.js';
import type { Talk } from '../problems.js';
import { checkApart, SIZE_FLAGS, type Surroundings, sizeStyle } from '../shared-settings.js';
import { terminalSettings } from '../terminal.js';
import type { TopFlags } from './flags.js';

export interface TopSettings extends Talk, TopTextOptions {
  readonly libvirt: ReturnType<typeof libvirtSettings>;
  readonly timeoutSeconds: number | null;
  readonly delaySeconds: number;
  /** null: until it is interrupted. */
  readonly iterations: number | null;
  readonly order: Order;
  readonly output: 'text' | 'csv' | 'json' | 'ndjson';
  /** null: standard output. */
  readonly csvPath: string | null;
  /** Whether a screen is drawn, and keys are read. */
  readonly isScreen: boolean;
  readonly hasFilesystems: boolean;
  readonly hasJobs: boolean;
  readonly hasProgress: boolean;
}

const OF_TEXT = [...SIZE_FLAGS, 'show', 'sort'];
const APART = {
  csv: ['json', 'ndjson', ...OF_TEXT],
  json: ['ndjson', ...OF_TEXT],
  ndjson: OF_TEXT,
};
const [LEAST_DELAY, MOST_DELAY] = [0.1, 86_400];

/** @throws UsageError USAGE */
export function topSettings(
  line: CommandLine<TopFlags>,
  surroundings: Surroundings & { readonly stdin: { readonly isTTY?: boolean } },
): TopSettings {
  const { flags, typed, words } = line;
  checkApart(typed, APART);
  const terminal = terminalSettings(flags, surroundings);
  const output =
    flags.csv !== undefined ? 'csv' : flags.json ? 'json' : flags.ndjson ? 'ndjson' : 'text';
  const csvPath = flags.csv === undefined || flags.csv === TO_STDOUT ? null : flags.csv;
  const { stdin, stdout } = surroundings;
  const isTerminal = stdout.isTTY === true && stdin.isTTY === true;
  const isScreen = output === 'text' && isTerminal && !flags.stream;
  return {
    libvirt: libvirtSettings(flags, words),
    timeoutSeconds: flags.timeout === 0 ? null : flags.timeout,
    delaySeconds: delayOf(flags.delay),
    iterations: flags.iterations ?? (isScreen || flags.stream || csvPath !== null ? null : 1),
    output,
    csvPath,
    isScreen,
    hasFilesystems: !flags['no-filesystems'],
    hasJobs: !flags['no-jobs'],
    debug: flags.debug,
    quiet: flags.quiet && !flags.debug,
    // oclif takes no other words.
    show: flags.show as Show,
    order: orderOf(flags.sort),
    style: sizeStyle(line, surroundings.env, HUMAN),
    ...terminal,
    width: terminal.isTerminal && !terminal.isWhole ? terminal.width : null,
  };
}

/** virt-top's words, where they are others. */
const ORDER_WORDS: Readonly<Record<string, Order>> = {
  mem: 'memory',
  blockrdrq: 'read',
  blockwrrq: 'write',
  netrx: 'received',
  nettx: 'sent',
  id: 'name',
};

function orderOf(word: string): Order {
  const order = ORDER_WORDS[word] ?? ORDERS.find((one) => one === word);
  if (order !== undefined) return order;
  const known = [...ORDERS, ...Object.keys(ORDER_WORDS)].join(', ');
  throw new UsageError('USAGE', `--sort is one of ${known}, not '${word}'`);
}

export function delayOf(text: string): number {
  const seconds = /^\d+(?:\.\d+)?$/u.test(text) ? Number(text) : Number.NaN;
  if (seconds >= LEAST_DELAY && seconds <= MOST_DELAY) return seconds;
  throw new UsageError(
    'USAGE',
    `--delay is ${LEAST_DELAY} to ${MOST_DELAY} seconds, not '${text}'`,
  );
}
