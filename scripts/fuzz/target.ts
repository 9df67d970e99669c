// A target of the fuzzer: one reader, which is given a source.
import type { ByteSource } from '../../src/bytes/source.js';
import type { Recognizable } from '../../src/kaitai/signature.js';

export interface Target {
  /** `filesystem/ext`, `container/qcow2`, `parser/qcow2`, `df`. */
  readonly name: string;
  /** Where a source with one of these signatures is a seed; left out where every disk is. */
  readonly probes?: Recognizable['probes'];
  /** Recorded images that are seeds, by their names; left out: all of them. */
  readonly images?: RegExp;
  /**
   * Reads all that a df, or whoever asks more, reads of it; gives what came of it in a word, or in numbers.
   * @throws VirtDfError for what is wrong with it; anything else is a bug, as is an `UnsoundError`.
   */
  run(source: ByteSource): Promise<string>;
}

/** A row or a number that cannot be. */
export class UnsoundError extends Error {
  override readonly name = 'UnsoundError';
}
