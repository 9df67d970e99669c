// Writes a replica of Longhorn's as its engine lays it out: sparse files over each other, and a .meta beside each.
// References: longhorn-engine pkg/replica/replica.go (createDisk, writeVolumeMetaData), pkg/replica/diff_disk.go.
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const UNIT = 4096;

/** Bytes by the number of their unit of 4 KiB. */
export type Units = ReadonlyMap<number, Uint8Array>;

export interface ReplicaLayer {
  readonly name: string;
  readonly units: Units;
  /** Default: that of the volume. */
  readonly sizeBytes?: number;
}

/** The layers from the lowest to the head. */
export async function writeReplica(
  folder: string,
  sizeBytes: number,
  layers: readonly ReplicaLayer[],
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [index, layer] of layers.entries()) {
    const file = await open(join(folder, layer.name), 'w');
    for (const [unit, bytes] of layer.units) await file.write(bytes, 0, UNIT, unit * UNIT);
    await file.truncate(layer.sizeBytes ?? sizeBytes);
    await file.sync();
    await file.close();
    const Parent = layers[index - 1]?.name ?? '';
    const meta = { Name: layer.name, Parent, Removed: false, UserCreated: false, Labels: null };
    await writeFile(join(folder, `${layer.name}.meta`), JSON.stringify(meta));
  }
  const Head = layers.at(-1)?.name ?? '';
  const info = {
    ...{ Size: sizeBytes, Head, Dirty: true, Rebuilding: false, Error: '', SectorSize: 512 },
    ...{ Parent: layers.at(-2)?.name ?? '', BackingFilePath: '', ...more },
  };
  await writeFile(join(folder, 'volume.meta'), JSON.stringify(info));
  await writeFile(join(folder, 'revision.counter'), '1');
}

/** What the engine reads of these layers. */
export function joined(sizeBytes: number, layers: readonly ReplicaLayer[]): Buffer {
  const disk = Buffer.alloc(sizeBytes);
  for (const { units } of layers) for (const [unit, bytes] of units) disk.set(bytes, unit * UNIT);
  return disk;
}
