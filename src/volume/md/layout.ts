// The layout of an array, by its level.
// References: Linux drivers/md/md-linear.c: linear_conf; raid0.c: create_strip_zones; raid1.c: raid1_size; raid5.c: setup_conf,
// raid5_size; raid10.c: raid10_size; md(4).
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import type { RaidLayout } from '../raid/layout.js';
import { linearLayout, mirrorLayout } from '../raid/linear.js';
import { parityLayout } from '../raid/parity.js';
import { hasOrderedZones, stripeLayout, type ZoneOrder } from '../raid/stripe.js';
import { tenLayout } from '../raid/ten.js';
import type { MdSuperblock } from './superblock.js';

const PARITY_LAST = 5;
const ZONE_ORDERS: Readonly<Record<number, ZoneOrder>> = { 1: 'original', 2: 'zone' };
/** Chunks of less than a page are none of Linux's, but for arrays that are striped without parity. */
const MIN_CHUNK_BYTES = 4096;

/** The levels that are read, and how messages call them. */
const LEVEL_NAMES: Readonly<Record<number, string>> = {
  [-1]: 'linear',
  0: 'RAID 0',
  1: 'RAID 1',
  4: 'RAID 4',
  5: 'RAID 5',
  6: 'RAID 6',
  10: 'RAID 10',
};

/** null: it is a level that is only recognised. */
export function levelName(level: number): string | null {
  return LEVEL_NAMES[level] ?? null;
}

/** Whether each member gives what it has, so that without one of them nothing is whole. */
export function needsAll(level: number): boolean {
  return level <= 0;
}

/**
 * @param array as the superblock that was written last has it.
 * @param memberBytes what each member has room for; it counts where the array needs all of them.
 * @throws FormatError INVALID; UnsupportedError UNSUPPORTED_FEATURE for what no kernel starts either.
 */
export function layoutOf(array: MdSuperblock, memberBytes: readonly number[]): RaidLayout {
  const { level, memberCount, usedBytes } = array;
  if (level === -1) return linearLayout(memberBytes.map((bytes) => whole(bytes, array)));
  if (level === 0) return striped(array, memberBytes);
  if (usedBytes === 0) throw invalid(array, 'uses nothing of its members');
  if (level === 1) return mirrorLayout(memberCount, usedBytes);
  const chunkBytes = checkedChunk(array, MIN_CHUNK_BYTES);
  const columnBytes = whole(usedBytes, array);
  const common = { columnCount: memberCount, chunkBytes, columnBytes };
  const number = array.layout ?? 0;
  const layout =
    level === 10
      ? tenLayout({ ...common, layout: number })
      : parityLayout({
          ...common,
          parityCount: level === 6 ? 2 : 1,
          number: level === 4 ? PARITY_LAST : number,
        });
  if (layout !== null) return layout;
  const members = `${memberCount} member${memberCount === 1 ? '' : 's'}`;
  throw invalid(array, `has layout ${number} of ${members}, which no kernel makes`);
}

function striped(array: MdSuperblock, memberBytes: readonly number[]): RaidLayout {
  checkedChunk(array, SECTOR_BYTES);
  const columns = memberBytes.map((bytes) => whole(bytes, array));
  if (!hasOrderedZones(columns)) return stripeLayout(columns, array.chunkBytes);
  const order = ZONE_ORDERS[array.layout ?? 0];
  if (order !== undefined) return stripeLayout(columns, array.chunkBytes, order);
  throw new UnsupportedError(
    'UNSUPPORTED_FEATURE',
    'md: the members of this RAID 0 have several sizes, and it does not say how they are counted: that changed with Linux 3.14, and no kernel starts it without being told',
  );
}

/** Whole chunks alone are used. */
function whole(bytes: number, { chunkBytes }: MdSuperblock): number {
  return chunkBytes === 0 ? bytes : bytes - (bytes % chunkBytes);
}

function checkedChunk(array: MdSuperblock, leastBytes: number): number {
  const { chunkBytes } = array;
  if (chunkBytes >= leastBytes && chunkBytes % leastBytes === 0) return chunkBytes;
  throw invalid(array, `has chunks of ${chunkBytes} bytes`);
}

function invalid({ level }: MdSuperblock, problem: string): FormatError {
  return new FormatError('INVALID', `md: this array of ${levelName(level)} ${problem}`);
}
