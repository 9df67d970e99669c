// A number of bytes or inodes as df(1) and virt-df print it: divided exactly, rounded up or to the nearest, with or
// without a suffix. Integer arithmetic throughout, so that no rounding is ever off by one.
// References: gnulib lib/human.c (human_readable), coreutils src/df.c (df_readable).

/** How numbers are shown. `autoscale` is -h and -H; otherwise they are counted in units of `blockSizeBytes`. */
export interface SizeStyle {
  readonly autoscale: boolean;
  readonly base: 1000 | 1024;
  /** Whether the unit's letter follows the number (`-h`, `-BM`), and `B` or `iB` after it (`-BMB`, `-BMiB`). */
  readonly letter: boolean;
  readonly byteLetter: boolean;
  /** 1 when `autoscale`. */
  readonly blockSizeBytes: number;
  /** df rounds up, libguestfs's virt-df to the nearest (ties to even). */
  readonly rounding: 'ceiling' | 'nearest';
  /** `1K` instead of `1.0K`: for df's title. */
  readonly suppressPointZero?: boolean;
}

const LETTERS = ['', 'K', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'] as const;

/**
 * A number of units: its whole part, its tenths, and `rest`, which says how much lies below the tenths: nothing (0), less
 * than half (1), half (2) or more than half (3) of a tenth. 1536 bytes in units of 1024 are 1 whole, 5 tenths, rest 0.
 */
interface Amount {
  readonly whole: number;
  readonly tenths: number;
  readonly rest: 0 | 1 | 2 | 3;
  readonly exponent: number;
}

/** A non-negative safe integer `count` of bytes (or inodes, with a style whose block size is 1) as text. */
export function formatCount(count: number, style: SizeStyle): string {
  const amount = scaled(divided(count, style.blockSizeBytes), style);
  const { digits, exponent } = rounded(amount, style);
  return digits + suffix(exponent, style);
}

/** Exact division by the block size. */
function divided(count: number, divisor: number): Amount {
  const remainder = count % divisor;
  const tenfold = remainder * 10;
  const twofold = (tenfold % divisor) * 2;
  const rest = twofold < divisor ? (twofold > 0 ? 1 : 0) : twofold > divisor ? 3 : 2;
  const tenths = (tenfold - (tenfold % divisor)) / divisor;
  return { whole: (count - remainder) / divisor, tenths, rest, exponent: 0 };
}

/** With `autoscale`, divides by the base until the number is below it. */
function scaled(amount: Amount, { autoscale, base }: SizeStyle): Amount {
  let { whole, tenths, rest, exponent } = amount;
  while (autoscale && whole >= base && exponent < LETTERS.length - 1) {
    const tenfold = (whole % base) * 10 + tenths;
    const below = (tenfold % base) * 2 + Math.floor(rest / 2);
    whole = Math.floor(whole / base);
    tenths = Math.floor(tenfold / base);
    if (below < base) rest = below + rest === 0 ? 0 : 1;
    else rest = below + rest > base ? 3 : 2;
    exponent += 1;
  }
  return { whole, tenths, rest, exponent };
}

/** Rounds to one decimal below 10 of a larger unit, to an integer otherwise. */
function rounded(amount: Amount, style: SizeStyle): { digits: string; exponent: number } {
  let { whole, tenths, rest, exponent } = amount;
  const isUp = (up: boolean, nearest: boolean) => (style.rounding === 'ceiling' ? up : nearest);
  let decimal = '';
  if (exponent > 0 && whole < 10) {
    if (isUp(rest > 0, rest + (tenths % 2) > 2)) {
      tenths += 1;
      rest = 0;
      if (tenths === 10) [whole, tenths] = [whole + 1, 0];
    }
    if (whole < 10 && (tenths > 0 || style.suppressPointZero !== true)) {
      decimal = `.${tenths}`;
      [tenths, rest] = [0, 0];
    }
  }
  if (isUp(tenths + rest > 0, tenths + (rest + (whole % 2) > 0 ? 1 : 0) > 5)) {
    whole += 1;
    if (style.autoscale && whole === style.base && exponent < LETTERS.length - 1) {
      [whole, exponent] = [1, exponent + 1];
      if (style.suppressPointZero !== true) decimal = '.0';
    }
  }
  return { digits: `${whole}${decimal}`, exponent };
}

/** The unit's letter; the power is that of the block size when the number was not scaled itself. */
function suffix(exponent: number, style: SizeStyle): string {
  if (!style.letter) return '';
  let power = exponent;
  if (!style.autoscale) {
    power = 0;
    for (let size = 1; size < style.blockSizeBytes && power < 8; size *= style.base) power += 1;
  }
  const letter = power === 1 && style.base === 1000 ? 'k' : (LETTERS[power] ?? '');
  if (!style.byteLetter) return letter;
  return `${letter}${style.base === 1024 && power > 0 ? 'i' : ''}B`;
}
