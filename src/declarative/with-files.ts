// Formats whose specification says their numbers, and whose files are read by code.
import type { ByteSource } from '../bytes/source.js';
import type { FileReader, FileWalk } from '../filesystem/files.js';

/** `window` are the bytes of the specification's window. @throws FormatError, UnsupportedError. */
export type ReadFiles = (
  source: ByteSource,
  window: Uint8Array,
  walk: FileWalk,
) => Promise<FileReader>;

/** By the format's word. Each is loaded when somebody asks for files. */
export const fileReaders: Readonly<Record<string, ReadFiles>> = {
  async erofs(...volume) {
    return (await import('../filesystem/erofs/files.js')).erofsFiles(...volume);
  },
  async iso9660(...volume) {
    return (await import('../filesystem/iso9660/files.js')).iso9660Files(...volume);
  },
  async squashfs(...volume) {
    return (await import('../filesystem/squashfs/files.js')).squashfsFiles(...volume);
  },
};
