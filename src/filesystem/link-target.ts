// Targets of symbolic links of formats that store them as they are.
// References: Linux include/uapi/linux/limits.h: PATH_MAX.
import type { FileExtent, FileReader } from './files.js';

const MAX_TARGET_BYTES = 4096;

/** null: it is encrypted, damaged, or longer than any. */
export function linkTarget(
  reader: Pick<FileReader, 'volumes'>,
  pages: AsyncIterable<readonly FileExtent[]>,
  sizeBytes: number,
): Promise<Uint8Array | null> {
  return sizeBytes > MAX_TARGET_BYTES
    ? Promise.resolve(null)
    : shortContent(reader, pages, sizeBytes);
}

/** All of a file that is known to be short; null: it is encrypted or damaged, or has holes. */
export async function shortContent(
  { volumes }: Pick<FileReader, 'volumes'>,
  pages: AsyncIterable<readonly FileExtent[]>,
  sizeBytes: number,
): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  let left = sizeBytes;
  for await (const page of pages) {
    for (const extent of page) {
      if (left === 0 || extent.offsetBytes === null) continue;
      if (extent.kind !== 'inline' && extent.kind !== 'data') return null;
      const { volumeIndex, offsetBytes, lengthBytes } = extent.at;
      const bytes = await volumes[volumeIndex]?.read(offsetBytes, Math.min(left, lengthBytes));
      if (bytes === undefined) return null;
      parts.push(bytes);
      left -= bytes.length;
    }
  }
  return left > 0 ? null : Buffer.concat(parts);
}
