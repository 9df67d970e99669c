// How long, in the two largest units: `40s`, `12m`, `1h 5m`, `3d 4h`.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < MINUTE) return `${whole}s`;
  if (whole < HOUR) return two(whole, MINUTE, 'm', 1, 's');
  if (whole < DAY) return two(whole, HOUR, 'h', MINUTE, 'm');
  return two(whole, DAY, 'd', HOUR, 'h');
}

function two(seconds: number, large: number, letter: string, small: number, other: string): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)}${letter}${rest === 0 ? '' : ` ${rest}${other}`}`;
}
