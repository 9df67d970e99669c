// Which files of an archive are disks: boxes of each provider of Vagrant, images for clouds, containers, exports; each is
// made as its makers do, with the files that lie beside the disk.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Disk } from '../../src/container/container.js';
import { openDisks } from '../../src/container/open.js';
import { filesystems } from '../../src/declarative/registry.js';
import { openScope } from '../../src/host/local-scope.js';
import { detector } from '../../src/stack/detect.js';
import { looksLikeDisk } from '../../src/stack/looks-like-disk.js';
import { missing } from '../tools.js';
import { ovf } from './matrix/ova.js';
import { type Folder, inFolder } from './wrapper-files.js';

const skip = missing({
  ...{ mke2fs: 'e2fsprogs', 'qemu-img': 'qemu-utils', tar: 'tar', zstd: 'zstd' },
  ...{ bzip2: 'bzip2', '7zz': '7zip' },
});
const EXT4 = 'mke2fs -q -F -t ext4 -N 16 -b 1024 -O ^has_journal';
const VAGRANTFILE =
  'echo "Vagrant.configure(2)" > Vagrantfile; echo x > info.json; head -c 90000 /dev/urandom > logo.png';

async function disksOf(path: string): Promise<readonly (readonly [string, string, Uint8Array])[]> {
  const scope = openScope();
  try {
    const looks = {
      looksLikeDisk: (source: Disk['content']) => looksLikeDisk(source, detector(filesystems)),
    };
    const disks = await openDisks(path, { format: 'auto', scope, ...looks });
    return await Promise.all(
      disks.map(async ({ content, layer }) => {
        const magic = await content.read(1080, 2).catch((error) => error.code);
        return [layer.path.slice(path.length + 1), layer.format, magic] as const;
      }),
    );
  } finally {
    await scope.close();
  }
}

/** What a script makes as `box`: names and formats of its disks, all of which hold an ext4. */
async function found(script: string, work?: (folder: Folder) => Promise<void>) {
  let disks: readonly (readonly [string, string])[] = [];
  await inFolder(async (folder) => {
    await work?.(folder);
    await folder.shell(`truncate -s 3M disk.raw; ${EXT4} disk.raw; ${script}`);
    const all = await disksOf(folder.path('box'));
    for (const [name, , magic] of all) {
      assert.deepEqual([...magic], [0x53, 0xef], name);
    }
    disks = all.map(([name, format]) => [name, format]);
  });
  return disks;
}

test('boxes of each provider of Vagrant have their disks, and nothing else of them is one', {
  skip,
}, async () => {
  const libvirt = `echo '{"provider":"libvirt","format":"qcow2","virtual_size":1}' > metadata.json`;
  assert.deepEqual(
    await found(
      `${VAGRANTFILE}; ${libvirt}; qemu-img convert -O qcow2 disk.raw box.img; tar czf box ./metadata.json ./Vagrantfile ./info.json ./logo.png ./box.img`,
    ),
    [['box.img', 'qcow2']],
  );
  const listed = `echo '{"provider":"libvirt","disks":[{"path":"box_2.img","format":"qcow2"},{"path":"box_1.img"}]}' > metadata.json`;
  assert.deepEqual(
    await found(
      `${VAGRANTFILE}; ${listed}; qemu-img convert -O qcow2 disk.raw box_1.img; cp box_1.img box_2.img; cp disk.raw box_3.img; tar cf - metadata.json Vagrantfile box_*.img | zstd -q > box`,
    ),
    [
      ['box_2.img', 'qcow2'],
      ['box_1.img', 'qcow2'],
    ],
  );
  assert.deepEqual(
    await found(
      `${VAGRANTFILE}; echo '{"provider":"virtualbox"}' > metadata.json; qemu-img convert -O vmdk -o subformat=streamOptimized disk.raw box-disk001.vmdk; tar czf box Vagrantfile metadata.json box.ovf box-disk001.vmdk logo.png`,
      ({ write }) =>
        write(
          'box.ovf',
          ovf(
            '<File ovf:id="f" ovf:href="box-disk001.vmdk"/>',
            '<Disk ovf:diskId="d" ovf:fileRef="f"/>',
          ),
        ),
    ),
    [['box-disk001.vmdk', 'vmdk']],
  );
  for (const [subformat, provider] of [
    ['twoGbMaxExtentSparse', 'vmware_desktop'],
    ['twoGbMaxExtentFlat', 'vmware_fusion'],
    ['monolithicSparse', 'vmware_workstation'],
  ]) {
    assert.deepEqual(
      await found(
        `${VAGRANTFILE}; echo '{"provider":"${provider}"}' > metadata.json; head -c 8684 /dev/urandom > box.nvram; qemu-img convert -O vmdk -o subformat=${subformat} disk.raw disk.vmdk; tar czf box Vagrantfile metadata.json box.nvram *.vmdk logo.png`,
      ),
      [['disk.vmdk', 'vmdk']],
      subformat,
    );
  }
  assert.deepEqual(
    await found(
      `${VAGRANTFILE}; echo '{"provider":"hyperv"}' > metadata.json; mkdir "Virtual Hard Disks" "Virtual Machines"; head -c 40000 /dev/urandom > "Virtual Machines/m.vmcx"; qemu-img convert -O vhdx disk.raw "Virtual Hard Disks/box.vhdx"; tar czf box Vagrantfile metadata.json Virtual*`,
    ),
    [['Virtual Hard Disks/box.vhdx', 'vhdx']],
  );
});

test('a raw disk for Google Compute Engine is one whatever its guest wrote into it', {
  skip,
}, async () => {
  assert.deepEqual(await found('tar --format=oldgnu -Sczf box disk.raw'), [['disk.raw', 'raw']]);
  assert.deepEqual(
    await found(
      'dd if=magic of=disk.raw conv=notrunc status=none; tar --format=oldgnu -Sczf box disk.raw',
      ({ write }) => write('magic', Buffer.from('QFI\xfb\0\0\0\x03', 'latin1')),
    ),
    [['disk.raw', 'raw']],
  );
});

test('a container with a disk for KubeVirt, as a layer and as docker saves it', {
  skip,
}, async () => {
  const layer = 'mkdir disk; qemu-img convert -O qcow2 disk.raw disk/vm.img; tar cf layer disk';
  assert.deepEqual(await found(`${layer}; mv layer box`), [['disk/vm.img', 'qcow2']]);
  const other =
    'mkdir etc; head -c 70000 /dev/urandom > etc/random; head -c 50000 /dev/zero > etc/zeros; gzip -k etc/random; tar cf other etc';
  const save =
    'mkdir -p blobs/sha256; gzip layer; mv layer.gz blobs/sha256/a; mv other blobs/sha256/b; echo "{}" > blobs/sha256/c; echo "[]" > manifest.json';
  assert.deepEqual(
    (await found(`${layer}; ${other}; ${save}; tar cf box blobs manifest.json`)).map(
      ([name]) => name,
    ),
    ['blobs/sha256/a/disk/vm.img'],
  );
});

test('a raw disk of any name is one by its filesystem, and only if it has one', {
  skip,
}, async () => {
  const script =
    'head -c 3000000 /dev/urandom > a; cp disk.raw b; truncate -s 3M c; cp disk.raw d; bzip2 -k d; 7zz a -bd d.zip d > /dev/null; tar cf box a b c d d.bz2 d.zip';
  assert.deepEqual(await found(script), [
    ['b', 'raw'],
    ['d', 'raw'],
  ]);
});

test(
  'a backup that is not read is a disk of an archive, and a package or a program is none',
  { skip },
  () =>
    inFolder(async ({ path, write, shell }) => {
      await write(
        'vm.vma',
        Buffer.concat([Buffer.from('VMA\0\0\0\0\x01', 'latin1'), Buffer.alloc(60_000, 1)]),
      );
      await write(
        'program',
        Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(60_000, 1)]),
      );
      await shell(`truncate -s 3M here; ${EXT4} here; tar cf box program vm.vma here`);
      assert.deepEqual(
        (await disksOf(path('box'))).map(([name, , first]) => [
          name,
          typeof first === 'string' ? first : 'read',
        ]),
        [
          ['vm.vma', 'UNSUPPORTED_FORMAT'],
          ['here', 'read'],
        ],
      );
    }),
);

test('an archive without a disk says so, or why what may be one was not read', { skip }, () =>
  inFolder(async ({ path, shell }) => {
    await shell('head -c 90000 /dev/urandom > a; tar cf none a; bzip2 -k a; tar cf packed a.bz2');
    await assert.rejects(disksOf(path('none')), /none of the files in .* is a disk/u);
    await assert.rejects(disksOf(path('packed')), /bunzip2/u);
  }),
);

test(
  'a disk that a box names and does not hold is missing, and a damaged one is damaged',
  { skip },
  () =>
    inFolder(async ({ path, write, shell }) => {
      await write(
        'metadata.json',
        '{"provider":"libvirt","disks":[{"path":"gone.img"},{"path":"here.img"}]}',
      );
      await shell('truncate -s 1M here.img; tar cf box metadata.json here.img');
      assert.deepEqual(
        (await disksOf(path('box'))).map(([name, , first]) => [
          name,
          typeof first === 'string' ? first : 'read',
        ]),
        [
          ['gone.img', 'NOT_FOUND'],
          ['here.img', 'read'],
        ],
      );
      await write('metadata.json', '{"provider":');
      await shell('tar cf box metadata.json here.img');
      await assert.rejects(disksOf(path('box')), { code: 'INVALID' });
    }),
);
