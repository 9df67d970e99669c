// Whether detection would open a source with a format: a signature of its specification matches, and so does its probe.
import type { ByteSource } from '../../src/bytes/source.js';
import { filesystems } from '../../src/declarative/registry.js';
import type { FilesystemFormat } from '../../src/filesystem/filesystem.js';
import { candidates } from '../../src/kaitai/signature.js';

export async function recognises(format: FilesystemFormat, source: ByteSource): Promise<boolean> {
  const entry = filesystems.filter(({ name }) => name === format.name);
  const found = await candidates(source, entry);
  return found.length > 0 && (await format.probe?.(source)) !== false;
}
