// The filesystems of this host that images lie on, each asked once.
import { dirname } from 'node:path';
import { folderUsage } from '../../host/folder-usage.js';
import { mountHolding, mounts } from '../../host/mounts.js';
import type { HostFilesystem, PoolsReport } from './record.js';

/** By the path of an image's own file; one that does not answer, or is gone, is left out. */
export type HostFilesystems = ReadonlyMap<string, HostFilesystem>;

export async function hostFilesystems(reports: readonly PoolsReport[]): Promise<HostFilesystems> {
  const all = await mounts();
  const asked = new Map<string, Promise<HostFilesystem | null>>();
  const found = new Map<string, HostFilesystem>();
  const images = reports.flatMap((report) => report.images);
  for (const path of new Set(images.flatMap(({ files: [file] }) => file?.path ?? []))) {
    const folder = dirname(path);
    const mount = mountHolding(all, folder);
    const id = mount?.device ?? folder;
    const asking = asked.get(id) ?? usageOf(id, folder);
    asked.set(id, asking);
    const filesystem = await asking;
    if (filesystem !== null) found.set(path, filesystem);
  }
  return found;
}

async function usageOf(id: string, folder: string): Promise<HostFilesystem | null> {
  const usage = await folderUsage(folder).catch(() => null);
  if (usage === null) return null;
  const { mountPoint, type, sizeBytes, freeBytes, availBytes } = usage;
  return { id, mountPoint, type, sizeBytes, usedBytes: sizeBytes - freeBytes, availBytes };
}
