// The unit of sizes that -h, -H, -k, -B and the environment ask for, by df(1)'s rules.
// References: gnulib lib/human.c (human_options), lib/xstrtol.c (suffixes), coreutils src/df.c (get_header).
import { UsageError } from '../errors.js';
import { formatCount, type SizeStyle } from './human.js';

const PLAIN = { autoscale: false, letter: false, byteLetter: false, rounding: 'ceiling' } as const;

/** df -h: powers of 1024, rounded up. */
export const HUMAN: SizeStyle = {
  ...PLAIN,
  autoscale: true,
  base: 1024,
  letter: true,
  blockSizeBytes: 1,
};
/** df -H: powers of 1000, rounded up. */
export const SI: SizeStyle = { ...HUMAN, base: 1000 };
/** df -k. */
export const KIBIBYTES: SizeStyle = { ...PLAIN, base: 1000, blockSizeBytes: 1024 };

const SUFFIX = /^'?(?<digits>\d*)(?:(?<power>[kKmMgGtTpPeEzZyY])(?<base>B|iB)?)?$/u;
const POWERS = 'KMGTPEZY';

/**
 * A -B argument as df reads it: `1K`, `M` (numbers then carry the letter), `GB` (1000 cubed), `human-readable`, `si`.
 * @throws UsageError USAGE
 */
export function parseBlockSize(text: string, flag = '--block-size'): SizeStyle {
  if (text !== '' && 'human-readable'.startsWith(text)) return HUMAN;
  if (text !== '' && 'si'.startsWith(text)) return SI;
  const { digits = '', power, base } = SUFFIX.exec(text)?.groups ?? {};
  if (digits === '' && power === undefined) throw invalidSize(text, flag);
  const unit = power === undefined ? 1 : (base === 'B' ? 1000 : 1024) ** exponentOf(power);
  const blockSizeBytes = (digits === '' ? 1 : Number(digits)) * unit;
  if (!Number.isSafeInteger(blockSizeBytes * 20) || blockSizeBytes === 0)
    throw invalidSize(text, flag);
  return {
    ...PLAIN,
    blockSizeBytes,
    base: digits === '' && base !== 'B' ? 1024 : 1000,
    letter: digits === '',
    byteLetter: digits === '' && base !== undefined,
  };
}

/** The block size that the environment asks for, as df looks it up; null if it does not or cannot be understood. */
export function blockSizeFromEnvironment(env: NodeJS.ProcessEnv): SizeStyle | null {
  const text = env.DF_BLOCK_SIZE ?? env.BLOCK_SIZE ?? env.BLOCKSIZE;
  if (text === undefined) return env.POSIXLY_CORRECT === undefined ? null : parseBlockSize('512');
  try {
    return parseBlockSize(text);
  } catch {
    return null; // df does not fail for its environment either.
  }
}

/** The title of the size column: `Size`, `1K-blocks`, `1MB-blocks`. */
export function sizeTitle(style: SizeStyle): string {
  if (style.autoscale) return 'Size';
  let base: 1000 | 1024 = style.base;
  let [q1000, q1024] = [style.blockSizeBytes, style.blockSizeBytes];
  // The base that says the number more exactly, if one does.
  while (q1000 % 1000 === 0 && q1024 % 1024 === 0) [q1000, q1024] = [q1000 / 1000, q1024 / 1024];
  if (q1024 % 1024 === 0 && q1000 % 1000 !== 0) base = 1024;
  if (q1000 % 1000 === 0 && q1024 % 1024 !== 0) base = 1000;
  const unit = formatCount(style.blockSizeBytes, {
    ...HUMAN,
    base,
    byteLetter: base === 1000 || style.byteLetter,
    suppressPointZero: true,
  });
  return `${unit}-blocks`;
}

function exponentOf(letter: string): number {
  return POWERS.indexOf(letter.toUpperCase()) + 1;
}

function invalidSize(text: string, flag: string): UsageError {
  return new UsageError('USAGE', `invalid ${flag} argument '${text}'`, { data: { flag } });
}
