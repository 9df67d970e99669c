// A volume's bytes, or why there are none.
import type { ByteSource } from '../../../src/bytes/source.js';
import { VirtDfError } from '../../../src/errors.js';

type Outcome = ByteSource | VirtDfError;

export function bytesOf(outcome: Outcome | undefined): ByteSource | null {
  return outcome === undefined || outcome instanceof VirtDfError ? null : outcome;
}

export function problemOf(outcome: Outcome | undefined): VirtDfError | null {
  return outcome instanceof VirtDfError ? outcome : null;
}
