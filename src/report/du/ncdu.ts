// The export of `virt-df du` for ncdu(1), gdu and others that read its format: a tree of files with their own sizes.
// References: https://dev.yorhel.nl/ncdu/jsonfmt.
import { posix } from 'node:path';
import { KINDS } from '../../queries/du/gather.js';
import { nameOf } from '../../queries/du/listing.js';
import type { DuFilesystem, DuReport, Listing } from '../../queries/du/record.js';
import { jsonText } from '../files/path.js';
import type { RunInfo } from '../json.js';
import { clean } from '../text.js';

const FORMAT_MAJOR = 1;
const FORMAT_MINOR = 2;
const BATCH_BYTES = 64 * 1024;
const DIRECTORY = KINDS.indexOf('directory');
const FILE = KINDS.indexOf('file');
const SYMLINK = KINDS.indexOf('symlink');

/** A filesystem whose files were read, with the name that its top has in the export. */
interface Exported {
  readonly name: string;
  readonly filesystem: DuFilesystem;
  readonly listing: Listing;
}

/** One filesystem is the top; several are directories of a top. Names are the guest's bytes, as ncdu writes them. */
export function* duNcdu(reports: readonly DuReport[], info: RunInfo): Generator<Uint8Array> {
  const all = reports.flatMap(({ guest, filesystems }) =>
    filesystems.flatMap((filesystem): Exported[] => {
      const { listing, record } = filesystem;
      const name = `${clean(guest)}:${clean(record.device)}`;
      return listing === null ? [] : [{ name, filesystem, listing }];
    }),
  );
  const { version } = info;
  const timestamp = Math.floor(Date.parse(info.generatedAt) / 1000);
  const about = { progname: 'virt-df', progver: version, timestamp };
  yield* inBatches(pieces(all, JSON.stringify(about)));
}

function* pieces(all: readonly Exported[], about: string): Generator<string | Uint8Array> {
  yield `[${FORMAT_MAJOR},${FORMAT_MINOR},${about},\n`;
  const [first, ...others] = all;
  if (first !== undefined && others.length === 0) {
    yield* filesystemPieces(first, 0);
    yield ']\n';
    return;
  }
  yield '[{"name":"virt-df"}';
  // A file is known by its device and its inode.
  for (const [index, one] of all.entries()) {
    yield ',\n';
    // A slash would be a part of a path.
    yield* filesystemPieces({ ...one, name: one.name.replaceAll('/', '_') }, index + 1);
  }
  yield ']]\n';
}

/** The top is a directory, also where a damaged filesystem has none, or a path leads to a file. */
function* filesystemPieces(
  { name, filesystem, listing }: Exported,
  device: number,
): Generator<string | Uint8Array> {
  const hasTop = listing.count > 0 && isDirectoryAt(listing, 0);
  yield `[{"name":"`;
  yield escapedName(Buffer.from(name));
  yield `"${hasTop ? factsOf(listing, 0) : ''},"dev":${device}}`;
  // How many directories are open: those above a file, and the top at least.
  let open = 1;
  for (const node of listing.order) {
    if (node === 0 && hasTop) continue;
    const depth = Math.max(1, listing.depths[node] ?? 0);
    yield ']'.repeat(open - depth);
    const isDirectory = isDirectoryAt(listing, node);
    yield `,\n${isDirectory ? '[' : ''}{"name":"`;
    yield node === 0
      ? escapedName(Buffer.from(posix.basename(listing.top)))
      : escapedName(nameOf(listing, node));
    yield `"${factsOf(listing, node)}}`;
    open = isDirectory ? depth + 1 : depth;
  }
  yield ']'.repeat(open - 1);
  // The rows that no path leads to are files of the top.
  for (const { name: what, allocatedBytes } of filesystem.other) {
    if (allocatedBytes <= 0) continue;
    yield `,\n{"name":${jsonText(`(${clean(what)})`)},"dsize":${allocatedBytes},"notreg":true}`;
  }
  yield ']';
}

function isDirectoryAt({ files, fileOf }: Listing, node: number): boolean {
  return files.kinds[fileOf[node] ?? 0] === DIRECTORY;
}

function factsOf(listing: Listing, node: number): string {
  const { files, isRepeated } = listing;
  const file = listing.fileOf[node] ?? 0;
  const kind = files.kinds[file] ?? 0;
  const isDirectory = kind === DIRECTORY;
  const [size, allocated] = [files.sizes[file] ?? 0, files.allocated[file] ?? 0];
  const links = files.links[file] ?? 0;
  const isLinked = !isDirectory && links > 1;
  // Readers of the format count a linked file once; of another that comes twice, the first has its bytes.
  if (isRepeated[node] === 1 && !isLinked) return '';
  return [
    size > 0 ? `,"asize":${size}` : '',
    allocated > 0 ? `,"dsize":${allocated}` : '',
    isLinked ? `,"ino":${files.numbers[file]},"hlnkc":true,"nlink":${links}` : '',
    isDirectory || kind === FILE || kind === SYMLINK ? '' : ',"notreg":true',
  ].join('');
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BLANK = 0x20;
const DELETE = 0x7f;

/** The bytes of a name within a JSON text: those that are no UTF-8 stay as they are, as in what ncdu writes. */
function escapedName(name: Uint8Array): Uint8Array {
  const isPlain = name.every(
    (one) => one >= BLANK && one !== DELETE && one !== QUOTE && one !== BACKSLASH,
  );
  if (isPlain) return name;
  const text = Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that are escaped.
  const escaped = text.replace(/[\x00-\x1f"\\\x7f]/gu, (letter) => {
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return Buffer.from(escaped, 'latin1');
}

function* inBatches(pieces: Iterable<string | Uint8Array>): Generator<Uint8Array> {
  let batch: Buffer[] = [];
  let length = 0;
  for (const piece of pieces) {
    const bytes = Buffer.from(piece);
    batch.push(bytes);
    length += bytes.length;
    if (length < BATCH_BYTES) continue;
    yield Buffer.concat(batch);
    [batch, length] = [[], 0];
  }
  yield Buffer.concat(batch);
}
