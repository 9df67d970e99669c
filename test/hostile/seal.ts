// A checksum that is made right again after a change.
import type { Editor } from './editor.js';

/** What a checksum is corrected in: a file, a content, an input of the fuzzer's. */
export type SealedFile = Pick<Editor, 'read' | 'write' | 'sizeBytes' | 'changes'>;

/** A range that a checksum covers, and that has it. */
export interface Seal {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Corrects the checksum, which may lie elsewhere. */
  correct(file: SealedFile): void;
}

/** A seal whose checksum lies in its own range: `compute` sees it as zeros. */
export function own(
  offsetBytes: number,
  lengthBytes: number,
  at: number,
  width: 2 | 4,
  compute: (bytes: Buffer) => number,
  isBig = false,
): Seal {
  return {
    offsetBytes,
    lengthBytes,
    correct(file) {
      const bytes = file.read(offsetBytes, lengthBytes);
      bytes.fill(0, at, at + width);
      const value = compute(bytes);
      const stored = Buffer.alloc(width);
      if (isBig) stored.writeUIntBE(value, 0, width);
      else stored.writeUIntLE(value, 0, width);
      file.write(offsetBytes + at, stored);
    },
  };
}
