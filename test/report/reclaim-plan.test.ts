// The commands of `virt-df reclaim --plan`, by the kind of image.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReclaimArea, ReclaimImage, ReclaimReport } from '../../src/queries/reclaim/record.js';
import { reclaimPlan } from '../../src/report/reclaim/plan.js';

const MIB = 1024 * 1024;
const space = {
  storedBytes: 8 * MIB,
  reclaimableBytes: 6 * MIB,
  partialBytes: 2 * MIB,
  pinnedBytes: 0,
  compressedBytes: 0,
  copyBytes: 6 * MIB,
};
const image: ReclaimImage = {
  disk: '/dev/sda',
  target: 'vda',
  path: '/vm/a.qcow2',
  format: 'qcow2',
  version: '3',
  clusterBytes: 65536,
  capacityBytes: 64 * MIB,
  allocationBytes: 10 * MIB,
  hasBacking: false,
  way: 'discard',
  reason: null,
  leakedBytes: 0,
  space,
};

function planOf(
  changes: Partial<ReclaimImage>,
  uri: string | null = null,
  areas: readonly ReclaimArea[] = [],
): readonly string[] {
  const report: ReclaimReport = {
    guest: "web'1",
    uuid: null,
    state: null,
    uri,
    filesystems: [],
    areas,
    images: [{ ...image, ...changes }],
    problems: [],
    statistics: { readCount: 0, bytesRead: 0 },
    partFiles: [],
  };
  return reclaimPlan([report], true).split('\n');
}

test('in the guest by fstrim, or by its agent', () => {
  const plan = planOf({}, 'qemu:///system');
  assert.match(plan.join('\n'), /^fstrim --all {4}# in the guest$/mu);
  const agent = "# or: virsh -c qemu:///system domfstrim 'web'\\''1'    # by the guest's agent";
  assert.ok(plan.includes(agent), plan.join('\n'));
});

test("each hypervisor's own way to shrink its format", () => {
  const wsl = planOf({ way: 'compact', format: 'vhdx', path: 'C:\\wsl\\ext4.vhdx' });
  assert.ok(wsl.includes('wsl --manage DISTRO --set-sparse true'));
  const other = planOf({ way: 'compact', format: 'vhdx', path: "/vm/it's.vhdx" });
  assert.ok(
    other.some((line) => line.startsWith("Optimize-VHD -Path '/vm/it''s.vhdx' -Mode Full")),
  );
  const vdi = planOf({ way: 'compact', format: 'vdi', path: '/vm/a b.vdi' });
  assert.ok(
    vdi.some((line) => line.startsWith("VBoxManage modifymedium disk '/vm/a b.vdi' --compact")),
  );
});

test('a copy where a discard gives nothing, and nothing where nothing is stored', () => {
  const none = planOf({
    way: 'none',
    reason: 'it cannot',
    space: { ...space, reclaimableBytes: 0 },
  });
  assert.ok(none.includes('# A discard gives nothing back: it cannot.'));
  assert.match(
    none.join('\n'),
    /^virt-sparsify --convert qcow2 \/vm\/a\.qcow2 \/vm\/a\.qcow2\.new$/mu,
  );
  const nothing = planOf({ space: { ...space, storedBytes: 0 } });
  assert.ok(nothing.some((line) => line.startsWith('# Nothing to do')));
  const place = { device: '/dev/sda1', disk: '/dev/sda', sizeBytes: 8 * MIB };
  const swap: ReclaimArea = { kind: 'swap', ...place, space };
  const stored = planOf({ space: { ...space, storedBytes: 0 } }, null, [swap]);
  assert.ok(
    stored.some((line) => line.startsWith('# Swap (/dev/sda1): 8.0M')),
    stored.join('\n'),
  );
  assert.ok(!stored.some((line) => line.startsWith('# Nothing to do')));
});
