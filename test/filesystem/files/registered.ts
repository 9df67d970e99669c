// A format that has no module of its own to be imported, since its specification says all but its files.
import { filesystems } from '../../../src/declarative/registry.js';
import type { FilesystemFormat } from '../../../src/filesystem/filesystem.js';

export async function registered(name: string): Promise<FilesystemFormat> {
  const entry = filesystems.find((one) => one.name === name);
  if (entry === undefined) throw new Error(`no format ${name}`);
  return entry.load();
}
