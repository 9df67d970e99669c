// Every image of images/ against what the real kernel said of it: a new image with its expectation is a new test.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import type { View } from '../../src/filesystem/filesystem.js';
import { imageGuest } from '../../src/guests/images.js';
import { passphrasesOf, readKeys } from '../../src/queries/keys.js';
import type { FilesystemRecord, GuestReport } from '../../src/queries/report.js';
import { checkDoubts } from '../doubts.js';
import { dfOf } from '../queries/sources.js';

/** statvfs(3) as the kernel answered. */
interface Statvfs {
  readonly f_frsize: number;
  readonly f_blocks: number;
  readonly f_bfree: number;
  readonly f_bavail: number;
  readonly f_files: number;
  readonly f_ffree: number;
}

interface ExpectedFilesystem {
  readonly device: string;
  readonly type: string;
  readonly label: string | null;
  readonly uuid: string | null;
  readonly guest?: Statvfs | null;
  readonly mount?: Statvfs | null;
  /** Taken off a running guest: what its log holds is not in the numbers. */
  readonly stale?: boolean;
}

interface Expected {
  readonly name: string;
  readonly disks: readonly string[];
  /** As --key takes them. */
  readonly keys?: readonly string[];
  readonly filesystems: readonly ExpectedFilesystem[];
  readonly volumes?: readonly {
    device: string;
    type: string;
    label?: string | null;
    uuid?: string | null;
  }[];
  /** Devices that are there and that virt-df does not read yet: each is a row with a problem. */
  readonly unsupported?: readonly string[];
  /** Devices that lack a disk that was not given. */
  readonly missing?: readonly string[];
}

const FOLDER = resolve('images');
const expectations = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.expected.json'))
  .map((name): Expected => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')));

function scan(expected: Expected, view: View): Promise<GuestReport> {
  const guest = imageGuest(
    expected.disks.map((disk) => join(FOLDER, disk)),
    'auto',
  );
  const passphrases = passphrasesOf(readKeys(expected.keys ?? [], false));
  return dfOf(guest, { view, passphrases });
}

/** The row in the kernel's words. */
function statvfsOf(row: FilesystemRecord) {
  const frsize = row.blockSizeBytes ?? 0;
  const blocks = (bytes: number | null) => (bytes === null ? null : bytes / frsize);
  return {
    f_frsize: frsize,
    f_blocks: blocks(row.sizeBytes),
    f_bfree: blocks(row.freeBytes),
    f_bavail: blocks(row.availBytes),
    f_files: row.files ?? 0,
    f_ffree: row.filesFree ?? 0,
  };
}

function statvfsExpected({ f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree }: Statvfs) {
  const numbers = { f_frsize, f_blocks, f_bfree, f_bavail };
  // EROFS says 2^64 - 1, which is no number of files, and statvfs(3) in Python -1.
  return f_files < 0 ? { ...numbers, f_files: 0, f_ffree: 0 } : { ...numbers, f_files, f_ffree };
}

function checkIdentity(report: GuestReport, expected: Expected): void {
  const unreadable = new Set([...(expected.unsupported ?? []), ...(expected.missing ?? [])]);
  assert.deepEqual(
    report.filesystems
      .filter((row) => !unreadable.has(row.device))
      .map(({ device, type, label, fsUuid, problem }) => ({
        device,
        type,
        label,
        uuid: fsUuid,
        problem,
      })),
    expected.filesystems.map(({ device, type, label, uuid }) => ({
      device,
      type,
      label,
      uuid,
      problem: null,
    })),
  );
  for (const device of unreadable) {
    const row = report.filesystems.find((candidate) => candidate.device === device);
    assert.ok(row?.problem, `${device} must be a row with a problem`);
  }
  for (const volume of expected.volumes ?? []) {
    const found = report.volumes.find((candidate) => candidate.device === volume.device);
    assert.equal(found?.type, volume.type, `${volume.device} is ${volume.type}`);
    // blkid knows no label of a group's member; ours is the group's name.
    const hasLabel = volume.label !== undefined && !volume.type.endsWith('_member');
    if (hasLabel) assert.equal(found?.label, volume.label);
    if (volume.uuid !== undefined) assert.equal(found?.fsUuid, volume.uuid);
  }
  const known = new Set(expected.volumes?.map(({ device }) => device));
  const invented = report.volumes.filter(
    ({ device, type }) => !known.has(device) && !FRAMES.has(type),
  );
  assert.deepEqual(invented, [], 'a volume that blkid does not know');
}

/** What partition tables and filesystems have besides data, which blkid is not asked about. */
const FRAMES: ReadonlySet<string> = new Set([
  'extended',
  'whole',
  'part',
  // blkid has no word for a dynamic disk.
  'ldm_member',
  'reserved',
  'empty',
  'subvolume',
]);

test('there are images', () => {
  assert.ok(expectations.length >= 190, `only ${expectations.length} expectations in images/`);
});

for (const expected of expectations) {
  for (const view of ['guest', 'mount'] as const) {
    test(`${expected.name}: ${view} view equals the kernel's`, async () => {
      const report = await scan(expected, view);
      checkIdentity(report, expected);
      for (const filesystem of expected.filesystems) {
        const row = report.filesystems.find(({ device }) => device === filesystem.device);
        assert.ok(row, filesystem.device);
        const truth = filesystem[view];
        assert.ok(truth, `${filesystem.device} has the kernel's numbers for the ${view} view`);
        const isReplayed = row.basis === 'log' || row.basis === 'estimate';
        // With the log on another device nobody knows.
        if (row.stale !== null || expected.disks.length === 1) {
          const isStale = (filesystem.stale ?? false) && !isReplayed;
          assert.equal(row.stale, isStale, `${filesystem.device} is stale`);
        }
        checkDoubts(row);
        // Of what is stale or an estimate only the size is compared: the kernel replayed the log before it answered.
        const isExact = row.basis !== 'estimate' && row.stale !== true;
        if (isExact) assert.deepEqual(statvfsOf(row), statvfsExpected(truth), filesystem.device);
        else assert.equal(statvfsOf(row).f_blocks, truth.f_blocks);
      }
    });
  }
}
