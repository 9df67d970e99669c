// A partition that begins with a table of its own, as its reader sees it: a slice in FreeBSD's words.

/** The partition that a table lies in. */
export interface Slice {
  /** Its number in the disk's table. */
  readonly number: number;
  /** Where it begins on the disk. */
  readonly startBytes: number;
  /** That of an MBR; of a GPT, the one that an MBR has for a slice of the same system. */
  readonly type: number;
  readonly isOfGpt: boolean;
}
