// A file by its path: directory by directory from the root.
import type { FileNode, FileReader } from '../../filesystem/files.js';

/** @param path names, compared byte by byte. @returns null where there is none. @throws as the reader does. */
export async function fileAt(
  reader: FileReader,
  path: readonly string[],
): Promise<FileNode | null> {
  const [root] = reader.roots;
  let node = root === undefined ? null : await reader.file(root);
  for (const name of path) {
    if (node?.kind !== 'directory') return null;
    node = await childOf(reader, node, Buffer.from(name));
  }
  return node;
}

async function childOf(
  reader: FileReader,
  directory: FileNode,
  wanted: Buffer,
): Promise<FileNode | null> {
  for await (const page of directory.entries()) {
    const entry = page.find(({ name }) => {
      return name.isEncrypted ? wanted.toString() === name.text : wanted.equals(name.bytes);
    });
    if (entry !== undefined) return reader.file(entry.id);
  }
  return null;
}
