// Volume groups made by lvm2's own tools on loop devices, and what lvs and pvs say of them. Nothing is activated, so the
// kernel needs no device-mapper.
// References: lvm2 man pages lvs(8), pvs(8), vgcfgrestore(8).
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missing } from '../../tools.js';
import { run } from './tools.js';

/** A row of `lvs`: one segment of a volume. All values are strings, sizes are bytes. */
export interface SegmentRow {
  readonly vg_name: string;
  readonly lv_name: string;
  readonly lv_uuid: string;
  readonly lv_size: string;
  readonly lv_role: string;
  readonly segtype: string;
  readonly seg_start: string;
  readonly seg_size: string;
  readonly seg_pe_ranges: string;
  readonly stripes: string;
  readonly stripe_size: string;
}

/** A row of `pvs`. */
export interface PhysicalRow {
  readonly pv_name: string;
  readonly pv_uuid: string;
  readonly pe_start: string;
  readonly pv_pe_count: string;
  readonly vg_name: string;
  readonly vg_extent_size: string;
}

export interface LvmReport {
  readonly segments: readonly SegmentRow[];
  readonly physical: readonly PhysicalRow[];
}

/** Disks of a scenario while it is made. */
export interface LvmDisks {
  /** `/dev/loopN` */
  readonly devices: readonly string[];
  /** Runs a tool of lvm2 on these disks only. */
  lvm(tool: string, ...args: readonly string[]): string;
  /** Makes a volume without touching its content. */
  create(group: string, name: string, ...args: readonly string[]): void;
  /** Replaces a group's metadata: `edit` gets the text that vgcfgbackup writes. */
  restore(group: string, edit: (text: string) => string): void;
  /** Keeps a disk as it is now: what comes later happens without it. */
  keep(index: number): void;
  /** The image of a disk, as it is or was kept. */
  path(index: number): string;
  report(): LvmReport;
}

const DISK_BYTES = 64 * 1024 * 1024;

const missingLvm = missing({ pvcreate: 'lvm2', losetup: 'mount' });
export const needsLvm =
  process.getuid?.() === 0 ? missingLvm : 'needs root for loop devices (lvm2 takes no files)';

/** Runs `use` with fresh disks, which go away afterwards. */
export async function withLvmDisks<T>(
  count: number,
  use: (disks: LvmDisks) => T | Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-lvm-'));
  const devices: string[] = [];
  try {
    const paths = Array.from({ length: count }, (_, index) => join(folder, `${index}.img`));
    for (const path of paths) {
      writeFileSync(path, '');
      truncateSync(path, DISK_BYTES);
      devices.push(run('losetup', ['-f', '--show', path]).trim());
    }
    return await use(lvmDisks(folder, devices, paths));
  } finally {
    for (const device of devices) run('losetup', ['-d', device]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function lvmDisks(folder: string, devices: readonly string[], paths: readonly string[]): LvmDisks {
  const filter = devices.map((device) => `"a|^${device}$|",`).join('');
  const config = `devices{use_devicesfile=0 filter=[${filter}"r|.*|"]} backup{backup=0 archive=0}`;
  const lvm: LvmDisks['lvm'] = (tool, ...args) =>
    run(tool, ['--driverloaded', 'n', '--config', config, ...args]);
  const report = (tool: string, columns: readonly string[], ...more: readonly string[]) =>
    lvm(
      tool,
      ...['--reportformat', 'json', '--units', 'b', '--nosuffix'],
      ...['-o', columns.join(','), ...more],
    );
  const kept = new Map<number, string>();
  return {
    devices,
    lvm,
    create(group, name, ...args) {
      lvm('lvcreate', '-an', '-Zn', '-Wn', '-y', '-n', name, ...args, group);
    },
    restore(group, edit) {
      const file = join(folder, `${group}.txt`);
      lvm('vgcfgbackup', '-f', file, group);
      writeFileSync(file, edit(readFileSync(file, 'utf8')));
      lvm('vgcfgrestore', '-f', file, '--force', '-y', group);
    },
    keep(index) {
      const copy = join(folder, `${index}-kept.img`);
      copyFileSync(paths[index] ?? '', copy);
      kept.set(index, copy);
    },
    path: (index) => kept.get(index) ?? paths[index] ?? '',
    report: () => ({
      segments: parseReport<SegmentRow>(report('lvs', SEGMENT_COLUMNS, '-a'), 'lv'),
      physical: parseReport<PhysicalRow>(report('pvs', PHYSICAL_COLUMNS), 'pv'),
    }),
  };
}

const SEGMENT_COLUMNS = [
  ...['vg_name', 'lv_name', 'lv_uuid', 'lv_size', 'lv_role', 'segtype'],
  ...['seg_start', 'seg_size', 'seg_pe_ranges', 'stripes', 'stripe_size'],
];
const PHYSICAL_COLUMNS = [
  'pv_name',
  'pv_uuid',
  'pe_start',
  'pv_pe_count',
  'vg_name',
  'vg_extent_size',
];

function parseReport<T>(json: string, key: string): readonly T[] {
  return JSON.parse(json.slice(json.indexOf('{'))).report[0][key];
}
