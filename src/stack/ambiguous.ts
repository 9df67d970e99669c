// The error for a source that carries several sound signatures, where no rule tells which one is stale: a disk that holds
// a whole ext4 superblock and a whole XFS one, for example.
// References: docs/signatures.md; wipefs(8).
import { AmbiguousError, type SignatureClaim } from '../errors.js';

/** The error that names all of them; there are at least two. */
export function ambiguous(signatures: readonly SignatureClaim[]): AmbiguousError {
  return new AmbiguousError(
    `this may be ${signatures.map(claimText).join(', or ')}: both signatures are whole, and no rule says which one is ` +
      'stale (docs/signatures.md); the guest knows which one it mounts, and `wipefs DEVICE` there lists all of them',
    signatures,
  );
}

function claimText({ format, type, label, uuid, offsetBytes }: SignatureClaim): string {
  const word = type === format ? type : `${type} (${format})`;
  const names = [
    label === null ? '' : ` '${label}'`,
    uuid === null ? '' : ` with the UUID ${uuid}`,
  ];
  return `${word}${names.join('')} at byte ${hexadecimal(offsetBytes)}`;
}

/** wipefs prints offsets in this form. */
function hexadecimal(offsetBytes: number): string {
  return `0x${offsetBytes.toString(16)}`;
}
