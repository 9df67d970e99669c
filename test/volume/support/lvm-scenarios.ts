// Groups that lvm2 makes for the tests: recorded once in fixtures/lvm2.json, and made anew where the machine can.
import { readFileSync } from 'node:fs';
import type { LvmDisks } from './lvm.js';

export interface LvmScenario {
  readonly diskCount: number;
  make(disks: LvmDisks): void;
}

/** Linear and striped volumes, of one and of several segments, on three disks. */
const layout: LvmScenario = {
  diskCount: 3,
  make({ devices, lvm, create }) {
    const [first = '', second = '', third = ''] = devices;
    lvm('pvcreate', '-y', first, second);
    lvm('pvcreate', '-y', '--pvmetadatacopies', '2', '--dataalignment', '256k', third);
    lvm('vgcreate', '-s', '1M', 'vg-0', first, second, third);
    create('vg-0', 'linear', '-l', '5');
    create('vg-0', 'striped', '-l', '12', '-i', '3', '-I', '64k');
    create('vg-0', 'grown.+_x', '-l', '3');
    create('vg-0', 'between', '-l', '2');
    lvm('lvextend', '-l', '+70', 'vg-0/grown.+_x');
    lvm('lvextend', '-l', '+4', '-i', '2', '-I', '4k', 'vg-0/grown.+_x');
  },
};

/** A metadata area so small that its text reaches over the end and goes on at the start. */
const ring: LvmScenario = {
  diskCount: 1,
  make({ devices, lvm, create, path }) {
    const [device = ''] = devices;
    lvm('pvcreate', '-y', '--metadatasize', '16k', '--dataalignment', '64k', device);
    lvm('vgcreate', '-s', '1M', 'ring', device);
    create('ring', 'data', '-l', '3');
    for (let count = 1; count <= 100; count++) {
      lvm('lvchange', '--addtag', `${count}-${'tag'.repeat(40)}`, 'ring/data');
      if (wraps(path(0))) return;
    }
    throw new Error('the text never wrapped');
  },
};

/** Whether the text of the first area, whose header is at byte 4096, reaches over its end. */
function wraps(path: string): boolean {
  const header = readFileSync(path).subarray(4096, 4096 + 512);
  const [size, offset, length] = [32, 40, 48].map((at) => Number(header.readBigUInt64LE(at)));
  return (offset ?? 0) + (length ?? 0) > (size ?? 0);
}

/** Disks with no metadata area, with one that is out of use, and with two. */
const areas: LvmScenario = {
  diskCount: 3,
  make({ devices, lvm, create }) {
    const [none = '', ignored = '', two = ''] = devices;
    lvm('pvcreate', '-y', '--pvmetadatacopies', '0', none);
    lvm('pvcreate', '-y', ignored);
    lvm('pvcreate', '-y', '--pvmetadatacopies', '2', two);
    lvm('vgcreate', '-s', '1M', 'areas', none, ignored, two);
    lvm('pvchange', '--metadataignore', 'y', ignored);
    create('areas', 'all', '-l', '150');
  },
};

/** A disk whose metadata is older than that of the other. */
const stale: LvmScenario = {
  diskCount: 2,
  make({ devices, lvm, create, keep }) {
    lvm('pvcreate', '-y', ...devices);
    lvm('vgcreate', '-s', '1M', 'stale', ...devices);
    create('stale', 'removed', '-l', '3');
    create('stale', 'grown', '-l', '3');
    keep(0);
    lvm('lvremove', '-y', 'stale/removed');
    lvm('lvextend', '-l', '+80', 'stale/grown');
  },
};

/** Volumes of types that are not linear, as lvm2 takes them from a text. */
const types: LvmScenario = {
  diskCount: 2,
  make({ devices, lvm, restore }) {
    lvm('pvcreate', '-y', ...devices);
    lvm('vgcreate', 'types', ...devices);
    restore('types', (text) =>
      text.replace(/\}\s*$/u, `\nlogical_volumes {\n${OTHER_TYPES.join('\n')}\n}\n}\n`),
    );
  },
};

let nextId = 0;

/** A volume of one segment; `status` may lack VISIBLE. */
function volume(name: string, extents: number, segment: string, isVisible = true): string {
  const id = `${nextId++}`.padStart(6, '0');
  const status = isVisible ? '"READ", "WRITE", "VISIBLE"' : '"READ", "WRITE"';
  return `${name} {\nid = "${id}-aaaa-bbbb-cccc-dddd-eeee-ffffff"\nstatus = [${status}]\nflags = []
segment_count = 1\nsegment1 {\nstart_extent = 0\nextent_count = ${extents}\n${segment}\n}\n}`;
}

const linear = (physical: string, extent: number) =>
  `type = "striped"\nstripe_count = 1\nstripes = ["${physical}", ${extent}]`;

const hidden = (name: string, physical: string, extent: number) =>
  volume(name, 1, linear(physical, extent), false);

const OTHER_TYPES: readonly string[] = [
  volume('plain', 1, linear('pv0', 0)),
  volume('origin', 1, linear('pv0', 1)),
  volume('snap', 1, linear('pv0', 2)),
  volume(
    'snapshot0',
    1,
    'type = "snapshot"\nchunk_size = 8\norigin = "origin"\ncow_store = "snap"',
  ),
  volume(
    'pool',
    1,
    'type = "thin-pool"\nmetadata = "pool_tmeta"\npool = "pool_tdata"\ntransaction_id = 1\nchunk_size = 128\ndiscards = "passdown"\nzero_new_blocks = 1',
  ),
  hidden('pool_tmeta', 'pv0', 3),
  hidden('pool_tdata', 'pv0', 4),
  volume('thin', 5, 'type = "thin"\nthin_pool = "pool"\ntransaction_id = 0\ndevice_id = 1'),
  volume(
    'raid',
    1,
    'type = "raid1"\ndevice_count = 2\nregion_size = 4096\nraids = ["raid_rmeta_0", "raid_rimage_0", "raid_rmeta_1", "raid_rimage_1"]',
  ),
  ...[0, 1].flatMap((leg) => [
    hidden(`raid_rmeta_${leg}`, `pv${leg}`, 5),
    hidden(`raid_rimage_${leg}`, `pv${leg}`, 6),
  ]),
  volume(
    'mirror',
    1,
    'type = "mirror"\nmirror_count = 2\nregion_size = 1024\nmirrors = ["mirror_mimage_0", 0, "mirror_mimage_1", 0]',
  ),
  hidden('mirror_mimage_0', 'pv0', 7),
  hidden('mirror_mimage_1', 'pv1', 7),
  volume('cached', 1, 'type = "cache"\ncache_pool = "cpool"\norigin = "cached_corig"'),
  volume(
    'cpool',
    1,
    'type = "cache-pool"\ndata = "cpool_cdata"\nmetadata = "cpool_cmeta"\nmetadata_format = 1\nchunk_size = 128\ncache_mode = "writethrough"\npolicy = "smq"',
    false,
  ),
  hidden('cached_corig', 'pv0', 8),
  hidden('cpool_cdata', 'pv0', 9),
  hidden('cpool_cmeta', 'pv0', 10),
];

export const lvmScenarios: Readonly<Record<string, LvmScenario>> = {
  layout,
  ring,
  areas,
  stale,
  types,
};
