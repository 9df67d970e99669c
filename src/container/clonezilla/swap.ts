// A swap area of which Clonezilla saved only the UUID and the label: its first page, as a restore has mkswap make it.
// References: Clonezilla ocs-functions output_swap_partition_uuid_label(); Linux include/linux/swap.h union swap_header.
import { resize } from '../../bytes/resize.js';
import { setField } from '../../kaitai/fields.js';
import { KIB } from '../../limits.js';
import { made, type Piece, type Place } from './pieces.js';

const PAGE_BYTES = 4 * KIB;
/** By hand: the specification has no byte order, since an area has that of its machine. */
const VERSION = { at: 1024, type: 'u4le' } as const;
const LAST_PAGE = { at: 1028, type: 'u4le' } as const;
const UUID_OFFSET = 1036;
const LABEL_OFFSET = 1052;
const LABEL_BYTES = 16;
const MAGIC = 'SWAPSPACE2';
const MIN_PAGES = 10;
const UUID = /^UUID="([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"$/imu;
const LABEL = /^LABEL="([^"\n]*)"$/mu;

/** @param info the text of swappt-NAME.info. null: the place is too small for a swap area. */
export function swapPiece(info: string, { offsetBytes, sizeBytes }: Place): Piece | null {
  const pageCount = Math.min(Math.floor(sizeBytes / PAGE_BYTES), 2 ** 32);
  if (pageCount < MIN_PAGES) return null;
  const page = new Uint8Array(PAGE_BYTES);
  setField(page, VERSION, 1);
  setField(page, LAST_PAGE, pageCount - 1);
  const uuid = UUID.exec(info)?.[1] ?? '';
  page.set(Buffer.from(uuid.replaceAll('-', ''), 'hex'), UUID_OFFSET);
  const label = Buffer.from(LABEL.exec(info)?.[1] ?? '').subarray(0, LABEL_BYTES);
  page.set(label, LABEL_OFFSET);
  page.set(Buffer.from(MAGIC), PAGE_BYTES - MAGIC.length);
  return { offsetBytes, source: resize(made(page), sizeBytes), map: null };
}
