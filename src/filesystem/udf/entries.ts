// The names in a directory: file identifiers, one behind the other over its content.
// References: ECMA-167 4/14.4; Linux fs/udf/dir.c: udf_readdir; fs/udf/directory.c: udf_fileident_read.
import { parseUdfFileId } from '../../../generated/filesystem/udf.js';
import { FormatError } from '../../errors.js';
import { equals, hasFlag, int, u8 } from '../../validation/guest.js';
import { entryFault, nameFault } from '../file-kinds.js';
import { type DirectoryEntry, guestName } from '../files.js';
import { tell, toldOf } from '../told.js';
import { bytesOf } from './content.js';
import { type Disc, numberOf } from './disc.js';
import { nameOf } from './file-names.js';
import type { Icb } from './icb.js';
import type { Inode } from './inode.js';
import { type Address, addressIn } from './volume.js';

const TAG_FILE_ID = 257;
const HEAD_BYTES = 38;
const UNIT_BYTES = 4;
const DIRECTORY = 2n;
const DELETED = 4n;
const PARENT = 8n;

/** A name that is in use. */
interface FileName {
  /** With the byte that says how wide its characters are. */
  readonly identifier: Uint8Array;
  readonly isDirectory: boolean;
  readonly address: Address;
}

/** The names of a directory, up to a damaged one. @throws FormatError */
export async function* namesOf(
  disc: Disc,
  icb: Icb,
): AsyncGenerator<readonly FileName[], void, undefined> {
  let rest: Uint8Array = Buffer.alloc(0);
  for await (const bytes of bytesOf(disc, icb)) {
    const content = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const page: FileName[] = [];
    let at = 0;
    for (;;) {
      const lengths = lengthsAt(content.subarray(at), disc.blockBytes);
      if (lengths === null || at + lengths.wholeBytes > content.length) break;
      const name = nameIn(content.subarray(at, at + lengths.wholeBytes), lengths);
      if (name !== null) page.push(name);
      at += lengths.wholeBytes;
    }
    yield page;
    rest = Buffer.from(content.subarray(at));
  }
  if (rest.length === 0) return;
  const message = `udf: the last ${rest.length} bytes of a directory are no name`;
  throw new FormatError('TRUNCATED', message);
}

interface Lengths {
  /** With what makes it end at a multiple of four. */
  readonly wholeBytes: number;
  /** Of the head, and of what is the implementation's. */
  readonly beforeBytes: number;
  readonly nameBytes: number;
}

/** null: more bytes must be read. @throws FormatError for what is no name. */
function lengthsAt(bytes: Uint8Array, most: number): Lengths | null {
  if (bytes.length < HEAD_BYTES) return null;
  const { tag, lenUse, lenName } = parseUdfFileId(bytes);
  const beforeBytes = HEAD_BYTES + int(lenUse, "udf: bytes of a name's implementation", 0, most);
  const nameBytes = u8(lenName);
  const wholeBytes = Math.ceil((beforeBytes + nameBytes) / UNIT_BYTES) * UNIT_BYTES;
  if (equals(tag.ident, TAG_FILE_ID) && wholeBytes <= most) {
    return { wholeBytes, beforeBytes, nameBytes };
  }
  throw new FormatError('INVALID', `udf: a directory has what is no name, of ${wholeBytes} bytes`);
}

/** null for one that was deleted, and for the directory above. */
function nameIn(bytes: Uint8Array, { beforeBytes, nameBytes }: Lengths): FileName | null {
  const { flags, icb } = parseUdfFileId(bytes);
  if (hasFlag(flags, DELETED) || hasFlag(flags, PARENT)) return null;
  return {
    identifier: bytes.subarray(beforeBytes, beforeBytes + nameBytes),
    isDirectory: hasFlag(flags, DIRECTORY),
    address: addressIn(icb),
  };
}

/** A name with where the entry of its file is. */
interface Entry extends DirectoryEntry {
  readonly address: Address;
}

/** @param onEntry told of the address of each. */
export async function* entryPages(
  disc: Disc,
  { kind, icb, number }: Pick<Inode, 'kind' | 'icb' | 'number'>,
): AsyncGenerator<readonly Entry[], void, undefined> {
  if (kind !== 'directory') return;
  for await (const names of toldOf(disc, number, namesOf(disc, icb))) {
    const page: Entry[] = [];
    for (const found of names) {
      const entry = await entryOf(disc, found);
      if (entry instanceof FormatError) tell(disc, number, entry);
      else page.push(entry);
    }
    yield page;
  }
}

async function entryOf(disc: Disc, found: FileName): Promise<Entry | FormatError> {
  const { address, isDirectory, identifier } = found;
  const name = nameOf(identifier);
  if (name === null) return entryFault('udf', 'has a name that is none');
  const fault = nameFault('udf', name);
  if (fault !== null) return fault;
  const number = await numberOf(disc, address);
  if (number === null)
    return entryFault('udf', `leads to block ${address.block}, which is nowhere`);
  const kind = isDirectory ? 'directory' : null;
  return { name: guestName(name), id: { tree: 0, number }, kind, address };
}
