// Reads all that a reader of a filesystem's files gives, whatever was done to the volume.
import assert from 'node:assert/strict';
import type { FileReader } from '../../src/filesystem/files.js';
import { pathsOf } from '../filesystem/files/paths.js';

/** All that a reader gives, within the volume. @returns how many things it gave. */
export async function readAll(reader: FileReader): Promise<number> {
  const [volume] = reader.volumes;
  const sizeBytes = volume?.sizeBytes ?? 0;
  let count = 0;
  const check = ({ offsetBytes, lengthBytes }: { offsetBytes: number; lengthBytes: number }) => {
    count++;
    assert.ok(lengthBytes > 0 && offsetBytes >= 0 && offsetBytes + lengthBytes <= sizeBytes);
  };
  for await (const page of reader.free()) page.forEach(check);
  for await (const page of reader.metadata()) for (const { at } of page) check(at);
  for await (const page of reader.files()) {
    for (const node of page) {
      count++;
      node.stat();
      count += (await node.attributes?.())?.length ?? 0;
      for await (const extents of node.extents()) {
        for (const extent of extents) {
          count++;
          if (extent.kind !== 'hole') check(extent.at);
        }
      }
    }
  }
  return count + (await pathsOf(reader)).size;
}
