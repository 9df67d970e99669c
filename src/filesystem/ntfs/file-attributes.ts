// All attributes of a file: those of its first record, and of the records that its list of attributes names.
// References: ntfs-3g libntfs-3g/attrlist.c; attrib.c (ntfs_external_attr_find); inode.c (ntfs_extent_inode_open).
import { FormatError } from '../../errors.js';
import { tell } from '../told.js';
import { ATTRIBUTE_LIST } from './attribute-types.js';
import { listEntries, readFileRecord } from './file-table.js';
import { type Attribute, type FileRecord, type RecordId, recordId } from './record.js';
import { type FileAttribute, isSame, type NtfsFile, type NtfsVolume } from './volume-files.js';

/** The file of a record that is its first one. What is damaged in its other records is told. */
export async function fileOf(volume: NtfsVolume, record: FileRecord): Promise<NtfsFile> {
  const own = record.attributes.map(
    (attribute): FileAttribute => ({ attribute, recordNumber: record.number }),
  );
  const list = record.attributes.filter(({ type }) => type === ATTRIBUTE_LIST);
  if (list.length === 0) return { record, attributes: own };
  const attributes = [...own];
  for (const other of await listedRecords(volume, record, list)) {
    try {
      for (const attribute of (await extensionOf(volume, record, other)).attributes) {
        attributes.push({ attribute, recordNumber: other.number });
      }
    } catch (error) {
      tell(volume, record.number, error);
    }
  }
  return { record, attributes };
}

/** Each of them once. */
async function listedRecords(
  volume: NtfsVolume,
  record: FileRecord,
  list: readonly Attribute[],
): Promise<readonly RecordId[]> {
  const found = new Map<number, RecordId>();
  try {
    for (const { entry } of await listEntries(volume.table, list, `record ${record.number}`)) {
      const id = recordId(entry.record);
      if (id !== null && id.number !== record.number) found.set(id.number, id);
    }
  } catch (error) {
    tell(volume, record.number, error);
  }
  return [...found.values()];
}

async function extensionOf(
  volume: NtfsVolume,
  base: FileRecord,
  { number, sequence }: RecordId,
): Promise<FileRecord> {
  volume.spend(volume.table.geometry.recordBytes);
  const record = await readFileRecord(volume.table, number);
  if (isSame(record.base, base) && record.sequence === sequence) return record;
  const of = record.base === null ? 'none' : `${record.base.number}`;
  const message = `ntfs: record ${number} should be a part of record ${base.number}, but is of ${of}, or of an earlier one`;
  throw new FormatError('INVALID', message, { data: { number } });
}

/** The attributes of one type and name, in the order of the value that they are parts of. */
export function partsOf(
  { attributes }: NtfsFile,
  type: number,
  name: string,
): readonly FileAttribute[] {
  return inOrder(
    attributes.filter(({ attribute }) => attribute.type === type && nameOf(attribute) === name),
  );
}

export function inOrder(parts: readonly FileAttribute[]): readonly FileAttribute[] {
  if (parts.length < 2) return parts;
  return [...parts].sort((a, b) => Number(a.attribute.firstCluster - b.attribute.firstCluster));
}

/** UTF-16. */
export function nameOf({ name }: Attribute): string {
  return name.length === 0 ? '' : Buffer.from(name).toString('utf16le');
}
