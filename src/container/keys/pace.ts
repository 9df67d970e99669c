// How long the keys before a key take: whoever cannot have theirs within their time is told so at once, and holds up nobody.
import { SourceError } from '../../errors.js';
import type { Kdf } from './kdf.js';

/** A processor may be so many times as fast as kdf.ts reckons, or as the derivations so far were. */
const FASTER = { asReckoned: 10, asMeasured: 4 };
/** What is reckoned to take less is mostly the start of its process, which tells nothing of the others. */
const TELLING_SECONDS = 1;

interface Pace {
  /** A derivation has taken so long. */
  measured(reckonedSeconds: number, tookSeconds: number): void;
  /** What a derivation takes at least. */
  leastSeconds(reckonedSeconds: number): number;
}

export function newPace(): Pace {
  let factor = 1 / FASTER.asReckoned;
  return {
    measured(reckonedSeconds, tookSeconds) {
      if (reckonedSeconds < TELLING_SECONDS) return;
      factor = tookSeconds / reckonedSeconds / FASTER.asMeasured;
    },
    leastSeconds: (reckonedSeconds) => reckonedSeconds * factor,
  };
}

/** What a key would need at least, and what there is, in seconds. */
interface Needed {
  readonly ownSeconds: number;
  readonly aheadSeconds: number;
  readonly leftSeconds: number;
}

/** Why a key is not derived. */
export function noTimeFor({ type }: Kdf, needed: Needed): SourceError {
  const { ownSeconds, aheadSeconds, leftSeconds } = needed;
  const left = Math.max(0, leftSeconds);
  const tenths = (seconds: number) => seconds.toFixed(1);
  const behind =
    aheadSeconds === 0 ? '' : `, behind other keys of this run that take ${tenths(aheadSeconds)} s`;
  return new SourceError(
    'TIMEOUT',
    `a key is not derived by ${type}, which takes at least ${tenths(ownSeconds)} s here${behind}: ` +
      `${tenths(left)} s are left of the guest's time`,
    { data: { ownSeconds, aheadSeconds, leftSeconds: left } },
  );
}
