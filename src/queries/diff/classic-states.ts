// What virt-diff shows of a file besides stat(2): where a link leads, and extended attributes.
import type { FileAttribute, FileReader } from '../../filesystem/files.js';
import type { Memory } from '../files/columns.js';
import { guestPath } from '../files/guest-path.js';
import type { Pair } from './differing.js';
import type { Row, RowOptions } from './row.js';
import type { FileState } from './state.js';

export async function withMore(
  { old, other }: Pair,
  row: Row,
  { hasAttributes = false, memory }: RowOptions,
): Promise<Row> {
  // Of a file each change moves the time of the record, so that virt-diff tells nothing else of it.
  const isTold = hasAttributes || (row.kind !== 'file' && row.old !== null && row.other !== null);
  const read = (reader: FileReader, state: FileState | null) =>
    state === null ? null : stateWithMore(reader, state, isTold ? memory : null);
  return { ...row, old: await read(old, row.old), other: await read(other, row.other) };
}

function byName(a: FileAttribute, b: FileAttribute): number {
  return Buffer.compare(a.name, b.name);
}

/** @param memory null: without attributes. */
async function stateWithMore(
  reader: FileReader,
  state: FileState,
  memory: Memory | null,
): Promise<FileState> {
  if (state.kind !== 'symlink' && memory === null) return state;
  const node = await reader.file(state.id);
  const target = state.kind === 'symlink' ? await node?.target?.() : null;
  const attributes = memory === null ? undefined : await node?.attributes?.();
  for (const { name, value } of attributes ?? []) memory?.take(name.length + value.length);
  return {
    ...state,
    ...(target ? { target: guestPath(target) } : {}),
    ...(attributes === undefined ? {} : { attributes: attributes?.toSorted(byName) ?? null }),
  };
}
