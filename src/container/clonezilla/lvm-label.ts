// The label of a physical volume and its metadata area, as pvcreate and vgcfgrestore write them.
// References: lvm2 lib/label/label.h (label_header), lib/format_text/layout.h (pv_header, mda_header, raw_locn).
import {
  Lvm2AreaFields,
  Lvm2ExtensionFields,
  Lvm2Fields,
  Lvm2LocationFields,
  Lvm2MetadataAreaFields,
  Lvm2PvHeaderFields,
} from '../../../generated/volume/lvm2.js';
import { lvm2Crc32 } from '../../bytes/crc32.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { FormatError } from '../../errors.js';
import { setField } from '../../kaitai/fields.js';
import { KIB } from '../../limits.js';

const LABEL_SECTOR = 1;
const LABEL_SUMMED_OFFSET = 20;
const PV_HEADER_OFFSET = 32;
const AREA_BYTES = 16;
/** pvcreate's own place for the first metadata area. */
const AREA_OFFSET = 4 * KIB;
const AREA_SUMMED_OFFSET = 4;
const TEXT_OFFSET = SECTOR_BYTES;
const AREA_MAGIC = ' LVM2 x[5A%r0N*>';
const EXTENSION_VERSION = 2;
const USED_FLAG = 1;

interface Volume {
  readonly uuid: string;
  /** Where its first extent begins: the metadata area ends there. */
  readonly startBytes: number;
  readonly sizeBytes: number;
}

/**
 * Its first bytes, up to the end of the text.
 * @param text of vgcfgbackup, which has the group's section behind what describes the file; on a disk it comes first.
 * @throws FormatError LIMIT for a text that does not fit before the first extent.
 */
export function labelAndText(text: string, group: string, volume: Volume): Uint8Array {
  const at = Math.max(0, text.indexOf(`\n${group} {`) + 1);
  const content = Buffer.from(`${text.slice(at)}\n${text.slice(0, at)}\0`);
  const areaBytes = volume.startBytes - AREA_OFFSET;
  if (areaBytes < TEXT_OFFSET + content.length) {
    const message = `clonezilla: the group's metadata have ${content.length} bytes, more than lie before its first extent`;
    throw new FormatError('LIMIT', message);
  }
  const bytes = new Uint8Array(AREA_OFFSET + TEXT_OFFSET + content.length);
  bytes.set(label(volume, areaBytes), LABEL_SECTOR * SECTOR_BYTES);
  bytes.set(areaHeader(content, areaBytes), AREA_OFFSET);
  bytes.set(content, AREA_OFFSET + TEXT_OFFSET);
  return bytes;
}

function label({ uuid, startBytes, sizeBytes }: Volume, areaBytes: number): Uint8Array {
  const bytes = new Uint8Array(SECTOR_BYTES);
  bytes.set(Buffer.from('LABELONE'), Lvm2Fields.magic.at);
  bytes.set(Buffer.from('LVM2 001'), Lvm2Fields.type.at);
  setField(bytes, Lvm2Fields.sector, LABEL_SECTOR);
  setField(bytes, Lvm2Fields.ofsPvHeader, PV_HEADER_OFFSET);
  bytes.set(Buffer.from(uuid, 'latin1'), PV_HEADER_OFFSET + Lvm2PvHeaderFields.uuid.at);
  setField(bytes, Lvm2PvHeaderFields.lenDevice, sizeBytes, PV_HEADER_OFFSET);
  // One area of data and one of metadata, each list with an empty one as its end.
  const areas = PV_HEADER_OFFSET + Lvm2PvHeaderFields.dataAreas.at;
  setField(bytes, Lvm2AreaFields.offset, startBytes, areas);
  setField(bytes, Lvm2AreaFields.offset, AREA_OFFSET, areas + 2 * AREA_BYTES);
  setField(bytes, Lvm2AreaFields.size, areaBytes, areas + 2 * AREA_BYTES);
  const extension = areas + 4 * AREA_BYTES;
  setField(bytes, Lvm2ExtensionFields.version, EXTENSION_VERSION, extension);
  setField(bytes, Lvm2ExtensionFields.flags, USED_FLAG, extension);
  setField(bytes, Lvm2Fields.crc, lvm2Crc32(bytes.subarray(LABEL_SUMMED_OFFSET)));
  return bytes;
}

function areaHeader(text: Uint8Array, areaBytes: number): Uint8Array {
  const bytes = new Uint8Array(SECTOR_BYTES);
  bytes.set(Buffer.from(AREA_MAGIC), Lvm2MetadataAreaFields.magic.at);
  setField(bytes, Lvm2MetadataAreaFields.version, 1);
  setField(bytes, Lvm2MetadataAreaFields.start, AREA_OFFSET);
  setField(bytes, Lvm2MetadataAreaFields.size, areaBytes);
  const location = Lvm2MetadataAreaFields.locations.at;
  setField(bytes, Lvm2LocationFields.offset, TEXT_OFFSET, location);
  setField(bytes, Lvm2LocationFields.size, text.length, location);
  setField(bytes, Lvm2LocationFields.checksum, lvm2Crc32(text), location);
  setField(bytes, Lvm2MetadataAreaFields.crc, lvm2Crc32(bytes.subarray(AREA_SUMMED_OFFSET)));
  return bytes;
}
