// All that libguestfs's virt-filesystems lists of a guest is in its tree, with the same type, label, UUID and size. It boots a
// kernel that mounts each filesystem, so the sizes are statvfs's.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scanImageTrees, type TreeNode } from '../../src/index.js';

/** A line of its --all --long --uuid --csv, as scripts/images/filesystems.py keeps it. */
interface Listed {
  readonly name: string;
  readonly type: string;
  readonly vfs: string;
  readonly label: string;
  readonly mbr: string;
  readonly size: string;
  readonly parent: string;
  readonly uuid: string;
}

const { guests }: { guests: Readonly<Record<string, readonly Listed[]>> } = JSON.parse(
  readFileSync('images/virt-filesystems.json', 'utf8'),
);

/** Our kinds of nodes for its types. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  filesystem: ['filesystem', 'swap', 'subvolume', 'member'],
  partition: ['partition'],
  device: ['disk'],
  pv: ['member'],
  vg: ['group'],
  lv: ['volume'],
};
/** Of an extended partition the kernel's device has two sectors, where its boot loader would be. */
const EXTENDED = new Set(['05', '0f', '85']);

function flat(nodes: readonly TreeNode[]): readonly TreeNode[] {
  return nodes.flatMap((node) => [node, ...flat(node.children)]);
}

/** LVM's ids are written with and without dashes. */
const plain = (uuid: string | null): string => (uuid ?? '').replaceAll('-', '');

function imagesOf(guest: string): readonly string[] {
  const own = new RegExp(`^${guest}(?:\\.\\d+)?\\.qcow2$`, 'u');
  return readdirSync('images')
    .filter((name) => own.test(name))
    .sort()
    .map((name) => join('images', name));
}

for (const [guest, listed] of Object.entries(guests)) {
  test(guest, async () => {
    const [report] = await scanImageTrees(imagesOf(guest), { sameGuest: true });
    assert.ok(report !== undefined);
    const nodes = flat(report.nodes);
    // It calls `unknown` what holds nothing.
    const known = listed.filter(({ vfs }) => vfs !== 'unknown');
    for (const { name, type, vfs, label, mbr, size, uuid } of known) {
      // Its own disk is among the appliance's, so it may name a physical volume by the letter of another disk.
      const isNamed = (node: TreeNode) => type === 'pv' || node.name === name;
      const found = nodes.filter((node) => isNamed(node) && KINDS[type]?.includes(node.kind));
      assert.ok(found.length > 0, `${type} ${name} of ${nodes.map((n) => `${n.kind} ${n.name}`)}`);
      // A subvolume is drawn in its filesystem, whose words virt-filesystems repeats.
      if (name.startsWith('btrfsvol:')) continue;
      if (uuid !== '') {
        const uuids = found.map((node) => plain(node.uuid));
        assert.ok(uuids.includes(plain(uuid)), `${type} ${name}: ${uuid}, not ${uuids}`);
      }
      // Of a physical volume the tree has the size of its device, as lsblk, and virt-filesystems that of its extents.
      // Of a filesystem's further devices it has theirs.
      const isDevice = found.every(({ kind }) => kind === 'member');
      if (EXTENDED.has(mbr) || isDevice) continue;
      const sizes = found.map(({ sizeBytes }) => String(sizeBytes ?? ''));
      assert.ok(sizes.includes(size), `${type} ${name}: ${size} bytes, not ${sizes}`);
      if (vfs === '') continue;
      const words = found.map((node) => `${node.type} "${node.label ?? ''}"`);
      assert.ok(words.includes(`${vfs} "${label}"`), `${name}: ${vfs} "${label}", not ${words}`);
    }
  });
}
