// Colour, on the numbers that it says something about and only there.

/** Use% from which a row is worth a look, and from which it is urgent. */
export interface Levels {
  readonly warnPercent: number;
  readonly criticalPercent: number;
}

/** KubeVirt's alert levels. */
export const DEFAULT_LEVELS: Levels = { warnPercent: 85, criticalPercent: 95 };

export interface Paint {
  readonly bold: (text: string) => string;
  readonly bad: (text: string) => string;
  /** By how full it is; null is unknown. */
  readonly usage: (text: string, percent: number | null) => string;
}

/** Without colour every text stays as it is: no reset codes either. */
export function painter(hasColor: boolean, levels: Levels = DEFAULT_LEVELS): Paint {
  const sgr = (code: number) => (text: string) =>
    hasColor && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;
  const [bold, red, green, yellow] = [sgr(1), sgr(31), sgr(32), sgr(33)];
  return {
    bold,
    bad: red,
    usage(text, percent) {
      if (percent === null) return text;
      if (percent >= levels.criticalPercent) return red(text);
      return percent >= levels.warnPercent ? yellow(text) : green(text);
    },
  };
}
