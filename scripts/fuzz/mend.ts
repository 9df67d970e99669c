// The checksums of a seed, found once, and made right in each input that comes of it: by the menders of test/hostile.
import type { ByteSource } from '../../src/bytes/source.js';
import { filesystemSeals, resealContent } from '../../test/hostile/filesystem-seals.js';
import { type MemoryEditor, memoryEditor } from '../../test/hostile/memory-editor.js';
import type { Seal } from '../../test/hostile/seal.js';
import { sealsOf } from '../../test/hostile/seals.js';
import { type Input, inputSource } from './input.js';
import type { InputEditor } from './input-editor.js';

/** A seed has a few; the group descriptors of a large ext have thousands, of which the first are as good as all. */
const MAX_SEALS = 400;

/** @param read reads the source as the target does: structures are looked for where it reads. */
export async function sealsOfInput(
  input: Input,
  read: (source: ByteSource) => Promise<unknown>,
): Promise<readonly Seal[]> {
  const file = await memoryEditor('seed', inputSource(input), async (source) => {
    await read(source).catch(() => undefined);
  });
  const ofFiles = sealsOf(file).map(({ offsetBytes, lengthBytes, correct }) => ({
    offsetBytes,
    lengthBytes,
    correct(editor: Pick<MemoryEditor, 'read' | 'write'>) {
      const bytes = editor.read(offsetBytes, lengthBytes);
      if (bytes.length < lengthBytes) return;
      correct(bytes);
      editor.write(offsetBytes, bytes);
    },
  }));
  return [...ofFiles, ...(await filesystemSeals(file))].slice(0, MAX_SEALS);
}

/** Corrects what the changes of the editor broke; a structure whose fields now say something else may stay broken. */
export function mend(editor: InputEditor, seals: readonly Seal[]): void {
  try {
    resealContent(editor, seals);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}
