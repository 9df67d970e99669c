// The space that a base has to allocate when a layer above is committed into it, in whole units (clusters) of the base.

export interface Need {
  /** Adds a stretch; stretches come in order, without gaps. */
  add(fromBytes: number, toBytes: number, isWritten: boolean, isAllocated: boolean): void;
  /** The bytes that the base has to allocate for all stretches that were added. */
  totalBytes(): number;
}

/** A unit of which one byte is allocated is allocated whole; one byte written to a unit without space needs all of it. */
export function needOf(unitBytes: number): Need {
  let total = 0;
  let unit = -1;
  let isUnitWritten = false;
  let isUnitAllocated = false;
  const finish = (): void => {
    if (isUnitWritten && !isUnitAllocated) total += unitBytes;
    isUnitWritten = false;
    isUnitAllocated = false;
  };
  return {
    add(fromBytes, toBytes, isWritten, isAllocated) {
      for (let at = fromBytes; at < toBytes; ) {
        const index = Math.floor(at / unitBytes);
        const wholeCount = at === index * unitBytes ? Math.floor((toBytes - at) / unitBytes) : 0;
        if (index !== unit) finish();
        unit = index;
        if (wholeCount > 0) {
          if (isWritten && !isAllocated) total += wholeCount * unitBytes;
          at += wholeCount * unitBytes;
        } else {
          isUnitWritten ||= isWritten;
          isUnitAllocated ||= isAllocated;
          at = Math.min(toBytes, (index + 1) * unitBytes);
        }
      }
    },
    totalBytes() {
      finish();
      return total;
    },
  };
}
