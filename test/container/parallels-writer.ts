// Writes Parallels images byte by byte, and the DiskDescriptor.xml that binds them, for what QEMU does not write.
// References: QEMU docs/interop/parallels.txt, docs/interop/prl-xml.txt.

export interface ParallelsFields {
  readonly disk: Uint8Array;
  readonly isExtended?: boolean;
  readonly clusterSectors?: number;
  /** Numbers of the clusters that are stored; default: all. */
  readonly stored?: readonly number[];
  readonly inUse?: number;
}

const SECTOR = 512;

/** The image, its clusters in the reverse of the disk's order. */
export function parallelsImage(fields: ParallelsFields): Buffer {
  const { disk, isExtended = true, clusterSectors = 128, inUse = 0 } = fields;
  const clusterBytes = clusterSectors * SECTOR;
  const count = Math.ceil(disk.length / clusterBytes);
  const stored = [...(fields.stored ?? Array.from({ length: count }, (_, i) => i))].reverse();
  // With the older magic, clusters begin at any sector.
  const unit = isExtended ? clusterBytes : SECTOR;
  const dataOffset = Math.ceil((64 + 4 * count) / unit) * unit;
  const image = Buffer.alloc(dataOffset + stored.length * clusterBytes);
  image.write(isExtended ? 'WithouFreSpacExt' : 'WithoutFreeSpace', 0, 'latin1');
  const words = [2, 16, 4, clusterSectors, count, disk.length / SECTOR, 0, inUse];
  for (const [i, word] of words.entries()) image.writeUInt32LE(word, 16 + 4 * i);
  // The older format does not define the upper half of the size.
  if (!isExtended) image.writeUInt32LE(0xdeadbeef, 40);
  image.writeUInt32LE(dataOffset / SECTOR, 48);
  for (const [i, cluster] of stored.entries()) {
    const offset = dataOffset + i * clusterBytes;
    image.writeUInt32LE(offset / unit, 64 + 4 * cluster);
    image.set(disk.subarray(cluster * clusterBytes, (cluster + 1) * clusterBytes), offset);
  }
  return image;
}

export interface Storage {
  readonly start: number;
  readonly end: number;
  readonly images: readonly {
    readonly guid: string;
    readonly file: string;
    readonly type?: string;
  }[];
}

export interface DescriptorFields {
  /** In sectors, like all else here. */
  readonly size: number;
  readonly storages: readonly Storage[];
  readonly shots?: readonly (readonly [guid: string, parent: string])[];
  readonly top?: string;
  readonly version?: string;
  readonly parameters?: string;
  readonly prolog?: string;
}

export const TOP_GUID = '{5fbaabe3-6958-40ff-92a7-860e329aab41}';
export const NO_GUID = '{00000000-0000-0000-0000-000000000000}';

export function descriptorXml(fields: DescriptorFields): string {
  const { size, storages, shots = [], top, version = '1.0', parameters = '' } = fields;
  const storage = ({ start, end, images }: Storage) => `
    <Storage><Start>${start}</Start><End>${end}</End><Blocksize>128</Blocksize>${images
      .map(
        ({ guid, file, type = 'Compressed' }) =>
          `<Image><GUID>${guid}</GUID><Type>${type}</Type><File>${file}</File></Image>`,
      )
      .join('')}</Storage>`;
  const shot = ([guid, parent]: readonly [string, string]) =>
    `<Shot><GUID>${guid}</GUID><ParentGUID>${parent}</ParentGUID></Shot>`;
  return `${fields.prolog ?? "<?xml version='1.0' encoding='UTF-8'?>"}
<Parallels_disk_image Version="${version}">
  <Disk_Parameters>
    <Disk_size>${size}</Disk_size><Cylinders>1</Cylinders><Heads>16</Heads><Sectors>32</Sectors>
    <Padding>0</Padding>${parameters}
  </Disk_Parameters>
  <StorageData>${storages.map(storage).join('')}
  </StorageData>
  <Snapshots>${top === undefined ? '' : `<TopGUID>${top}</TopGUID>`}${shots.map(shot).join('')}</Snapshots>
</Parallels_disk_image>
`;
}
