// Tells a disk among the files of an archive: something is recognised in it, a partition table or what fills a volume.
import type { ByteSource } from '../bytes/source.js';
import { FormatError, UnsupportedError } from '../errors.js';
import type { Detector } from './detect.js';

/** What is recognised and damaged, or ambiguous, is a disk too: its row says so. @throws SourceError; FormatError LIMIT. */
export async function looksLikeDisk(source: ByteSource, detect: Detector): Promise<boolean> {
  try {
    return (await detect(source, true)).kind !== 'empty';
  } catch (error) {
    if (error instanceof UnsupportedError) return error.code !== 'UNKNOWN_FILESYSTEM';
    if (error instanceof FormatError && error.code !== 'LIMIT') return true;
    throw error;
  }
}
