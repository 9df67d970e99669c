// OVA and other tars: each form that GNU tar writes, and OVF descriptors.
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../run.js';
import { xva } from '../tar-writer.js';
import type { MatrixCase } from './case.js';

const tar = { tar: 'tar' };
const qemu = { ...tar, 'qemu-img': 'qemu-utils' };
const LONG = `${'long/'.repeat(30)}name-of-a-disk.raw`;

/** Lays out the archive's files by a script that is given the raw disk, and archives what it names. */
function tarCase(
  name: string,
  needs: Readonly<Record<string, string>>,
  script: string,
  descriptor: string | null = null,
): MatrixCase {
  return {
    name: `ova, ${name}`,
    needs,
    async make(directory, raw) {
      if (descriptor !== null) await writeFile(join(directory, 'machine.ovf'), descriptor);
      await run('bash', ['-ec', script, 'bash', raw], { cwd: directory });
      return { image: join(directory, 'machine.ova') };
    },
  };
}

export function ovf(files: string, disks: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
  <References>${files}</References>
  <DiskSection><Info>Disks</Info>${disks}</DiskSection>
  <VirtualSystem ovf:id="machine"><Info>A machine</Info></VirtualSystem>
</Envelope>
`;
}

const ONE = (href: string, more = '') =>
  ovf(
    `<File ovf:id="file1" ovf:href="${href}"${more}/><File ovf:id="iso" ovf:href="other.iso"/>`,
    '<Disk ovf:diskId="disk1" ovf:fileRef="file1" ovf:capacity="1"/><Disk ovf:diskId="empty" ovf:capacity="8"/>',
  );

const STREAM = 'qemu-img convert -O vmdk -o subformat=streamOptimized "$1" disk.vmdk';
const PACK = 'echo iso > other.iso; tar --format=ustar -cf machine.ova machine.ovf other.iso';

export const cases: readonly MatrixCase[] = [
  ...['ustar', 'gnu', 'oldgnu', 'pax'].map((format) =>
    tarCase(
      `${format}, a raw disk`,
      tar,
      `cp "$1" disk.raw; echo x > notes.txt; tar --format=${format} -cf machine.ova notes.txt ./disk.raw`,
    ),
  ),
  ...['ustar', 'gnu', 'pax'].map((format) =>
    tarCase(
      `${format}, a long name`,
      tar,
      `mkdir -p "$(dirname ${LONG})"; cp "$1" ${LONG}; tar --format=${format} -cf machine.ova long`,
    ),
  ),
  tarCase('OVF, streamOptimized', qemu, `${STREAM}; ${PACK} disk.vmdk`, ONE('disk.vmdk')),
  tarCase(
    'OVF, a name that is a URL',
    qemu,
    `${STREAM}; mv disk.vmdk "a disk.vmdk"; ${PACK} "a disk.vmdk"`,
    ONE('a%20disk.vmdk'),
  ),
  tarCase(
    'OVF, a disk in chunks',
    qemu,
    `${STREAM}; split -b 100000 -d -a 9 disk.vmdk disk.vmdk.; ${PACK} disk.vmdk.0*`,
    ONE('disk.vmdk', ' ovf:chunkSize="100000"'),
  ),
  tarCase(
    'OVF, a disk compressed with gzip',
    { ...qemu, bgzip: 'tabix' },
    `${STREAM}; bgzip disk.vmdk; ${PACK} disk.vmdk.gz`,
    ONE('disk.vmdk.gz', ' ovf:compression="gzip"'),
  ),
  tarCase(
    'qcow2 over qcow2, both in it',
    qemu,
    'qemu-img convert -O qcow2 "$1" base.qcow2; qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 top.qcow2; tar -cf machine.ova base.qcow2 top.qcow2',
  ),
  ...[
    '--format=gnu',
    '--format=oldgnu',
    '--format=posix --sparse-version=0.0',
    '--format=posix --sparse-version=0.1',
    '--format=posix --sparse-version=1.0',
  ].map((format) =>
    tarCase(
      `sparse, ${format}`,
      tar,
      // The folder's filesystem may know of no holes: --hole-detection=raw looks for zeros.
      `cp --sparse=always "$1" disk.raw; tar ${format} -S --hole-detection=raw -cf machine.ova disk.raw`,
    ),
  ),
  {
    name: 'ova, XVA',
    needs: {},
    async make(directory, raw) {
      const image = join(directory, 'machine.ova');
      await writeFile(image, xva({ ref: 'Ref:4', content: await readFile(raw) }));
      return { image };
    },
  },
  tarCase(
    'in xz',
    { ...tar, xz: 'xz-utils' },
    'cp "$1" disk.raw; tar -cf - disk.raw | xz -1 --block-size=512KiB > machine.ova',
  ),
  {
    name: 'ova, GNU numbers in binary',
    needs: tar,
    async make(directory, raw) {
      const image = join(directory, 'machine.ova');
      await run(
        'bash',
        ['-ec', 'cp "$1" disk.raw; tar --format=gnu -cf machine.ova disk.raw', 'bash', raw],
        {
          cwd: directory,
        },
      );
      const bytes = await readFile(image);
      const { size } = await stat(raw);
      bytes.fill(0, 124, 136);
      bytes[124] = 0x80;
      bytes.writeUInt32BE(size, 132);
      bytes.fill(0x20, 148, 156);
      const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
      bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
      await writeFile(image, bytes);
      return { image };
    },
  },
];
