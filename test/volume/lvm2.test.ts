// LVM2 against what lvs and pvs say of groups that lvm2 itself made.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lvm2 } from '../../src/volume/lvm2.js';
import type { Assembly } from '../../src/volume/volume.js';
import { needsLvm, withLvmDisks } from './support/lvm.js';
import {
  compareWithLvs,
  type FoundMember,
  type LvmDisk,
  lvmMembers,
} from './support/lvm-compare.js';
import { lvmScenarios } from './support/lvm-scenarios.js';
import { bytesOf, problemOf } from './support/outcome.js';
import { type RecordedGroup, recordedGroups, recordedSource } from './support/recorded-lvm2.js';
import { counted, fileSource } from './support/sources.js';

const groups = recordedGroups();

function recorded(name: string): RecordedGroup & { readonly lvmDisks: readonly LvmDisk[] } {
  const group = groups[name];
  assert.ok(group, name);
  const lvmDisks = group.disks.map((disk, index) => ({
    device: group.devices[index] ?? '',
    source: recordedSource(disk),
  }));
  return { ...group, lvmDisks };
}

async function recordedMembers(name: string): Promise<readonly FoundMember[]> {
  const group = recorded(name);
  return lvmMembers(group.lvmDisks, group);
}

const codesOf = (assembly: Assembly) =>
  assembly.volumes.map(({ device, source }) => [device, problemOf(source)?.code ?? null]);

/** The disks' content is a pattern, and so are the metadata of pools. */
function checkProblems({ problems }: Assembly): void {
  for (const { device, error } of problems) {
    assert.match(device, /\/pool$/u);
    assert.equal(error.code, 'BAD_MAGIC');
  }
}

for (const name of Object.keys(lvmScenarios)) {
  test(`${name}: volumes are those of lvs, recorded`, async () => {
    const group = recorded(name);
    const assembly = await lvm2.join(await lvmMembers(group.lvmDisks, group));
    checkProblems(assembly);
    await compareWithLvs(assembly, group.lvmDisks, group);
  });

  test(`${name}: volumes are those of lvs, made now`, { skip: needsLvm }, async () => {
    const { diskCount, make } = lvmScenarios[name] ?? assert.fail();
    await withLvmDisks(diskCount, async (disks) => {
      make(disks);
      const report = disks.report();
      const lvmDisks = disks.devices.map((device, index) => ({
        device,
        source: fileSource(disks.path(index)),
      }));
      const assembly = await lvm2.join(await lvmMembers(lvmDisks, report));
      checkProblems(assembly);
      await compareWithLvs(assembly, lvmDisks, report);
    });
  });
}

test('what lvs says of the whole groups can be read', async () => {
  for (const name of ['layout', 'ring', 'areas', 'stale']) {
    const { volumes } = await lvm2.join(await recordedMembers(name));
    assert.ok(volumes.length > 0);
    assert.deepEqual(
      volumes.filter(({ source }) => problemOf(source) !== null),
      [],
      name,
    );
  }
});

test('members carry the group’s name and their own UUID', async () => {
  const members = await recordedMembers('areas');
  assert.deepEqual(
    members.map(({ device, label, source }) => [device, label, source.sizeBytes]),
    [
      ['/dev/sda', null, 67_108_864],
      ['/dev/sdb', null, 67_108_864],
      ['/dev/sdc', 'areas', 67_108_864],
    ],
  );
});

test('pools and hidden volumes are not listed', async () => {
  const { volumes } = await lvm2.join(await recordedMembers('types'));
  // Of the recorded disks the text is true, and all else is a pattern: no store of a snapshot, and no metadata of pools.
  assert.deepEqual(
    volumes.map(({ device, source }) => [device, problemOf(source)?.code ?? null]),
    [
      ['/dev/types/cached', 'BAD_MAGIC'],
      ['/dev/types/mirror', null],
      ['/dev/types/origin', null],
      ['/dev/types/plain', null],
      ['/dev/types/raid', null],
      ['/dev/types/snap', 'BAD_MAGIC'],
      ['/dev/types/thin', 'BAD_MAGIC'],
    ],
  );
});

test('a missing disk leaves the volumes that do without it', async () => {
  const members = await recordedMembers('layout');
  const without = await lvm2.join(members.filter(({ device }) => device !== '/dev/sdc'));
  assert.deepEqual(codesOf(without), [
    ['/dev/vg-0/between', null],
    ['/dev/vg-0/grown.+_x', 'MISSING_DEVICE'],
    ['/dev/vg-0/linear', null],
    ['/dev/vg-0/striped', 'MISSING_DEVICE'],
  ]);
  const problem = problemOf(without.volumes[3]?.source);
  const lost = groups.layout?.physical[2]?.pv_uuid;
  assert.equal(
    problem?.message,
    `lvm2: logical volume striped lies on physical volume pv2 (UUID ${lost}), which is on none of the disks that were given; give all disks of the guest`,
  );
  assert.deepEqual(problem?.data, { uuid: lost });
});

test('a disk without metadata of its own says that its group is missing', async () => {
  const members = await recordedMembers('areas');
  const { volumes, problems } = await lvm2.join(members.slice(0, 2));
  assert.deepEqual(volumes, []);
  assert.deepEqual(
    problems.map(({ device, error }) => [device, error.code]),
    [
      ['/dev/sda', 'MISSING_DEVICE'],
      ['/dev/sdb', 'MISSING_DEVICE'],
    ],
  );
});

test('a disk and its copy are not mixed up', async () => {
  const members = await recordedMembers('layout');
  const copy = members.map((member) => ({ ...member, device: `${member.device}copy` }));
  const { volumes } = await lvm2.join([...members, ...copy.slice(1, 2)]);
  assert.equal(volumes.length, 4);
  for (const { source } of volumes) {
    const problem = problemOf(source);
    assert.equal(problem?.code, 'AMBIGUOUS');
    assert.match(problem?.message ?? '', /\/dev\/sdb and \/dev\/sdbcopy are both the physical/u);
  }
});

test('the order of the disks does not matter', async () => {
  const members = await recordedMembers('stale');
  const codes = codesOf(await lvm2.join(members));
  assert.deepEqual(codes, [['/dev/stale/grown', null]]);
  assert.deepEqual(codesOf(await lvm2.join([...members].reverse())), codes);
});

test('a long read of a striped volume is one read of each disk', async () => {
  const group = recorded('layout');
  const disks = group.lvmDisks.map(({ device, source }) => ({ device, source: counted(source) }));
  const { volumes } = await lvm2.join(await lvmMembers(disks, group));
  const striped = volumes.find(({ device }) => device === '/dev/vg-0/striped');
  for (const { source } of disks) source.statistics.reads = 0;
  await bytesOf(striped?.source)?.read(1000, 10_000_000);
  assert.deepEqual(
    disks.map(({ source }) => source.statistics.reads),
    [1, 1, 1],
  );
});
