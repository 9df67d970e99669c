// All paths of a filesystem, by its directories from the root on: each directory is entered once.
import type { FileNode, FileReader } from '../../../src/filesystem/files.js';

export interface Found {
  readonly node: FileNode;
  /** As the directory's entry says. */
  readonly kind: FileNode['kind'] | null;
}

/** By path as bytes, a character for each. The root is the empty path. */
export async function pathsOf(reader: FileReader): Promise<ReadonlyMap<string, Found>> {
  const found = new Map<string, Found>();
  const [rootId] = reader.roots;
  const root = rootId === undefined ? null : await reader.file(rootId);
  if (root === null) return found;
  found.set('', { node: root, kind: null });
  const entered = new Set([keyOf(root)]);
  const queue: { readonly path: string; readonly node: FileNode }[] = [{ path: '', node: root }];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for await (const page of next.node.entries()) {
      for (const { name, id, kind } of page) {
        const path = `${next.path}/${Buffer.from(name.bytes).toString('latin1')}`;
        const node = await reader.file(id);
        if (node === null) continue;
        found.set(path, { node, kind });
        if (node.kind !== 'directory' || entered.has(keyOf(node))) continue;
        entered.add(keyOf(node));
        queue.push({ path, node });
      }
    }
  }
  return found;
}

/** The directories at the tops of subvolumes have all the same number. */
function keyOf({ id }: FileNode): string {
  return `${id.tree} ${id.number}`;
}
