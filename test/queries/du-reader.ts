// A filesystem that exists only as a reader of its files, for trees that no kernel would make.
import type { ByteSource } from '../../src/bytes/source.js';
import {
  type DirectoryEntry,
  type FileKind,
  type FileNode,
  type FileReader,
  guestName,
  type StoredExtent,
} from '../../src/filesystem/files.js';

/** What is told of a file; it has as many blocks as it has bytes. */
export interface FakeFile {
  readonly number: number;
  readonly kind?: FileKind;
  readonly bytes?: number;
  readonly links?: number;
  /** Names, and the numbers that they lead to. */
  readonly names?: Iterable<readonly [name: string | Uint8Array, number: number]>;
  readonly extents?: readonly StoredExtent[];
  /** The directories that it says it lies in, truly or not. */
  readonly parents?: readonly number[];
}

const NOWHERE: ByteSource = {
  sizeBytes: 2 ** 50,
  read: async (_, length) => new Uint8Array(length),
  runs: async () => [],
};
const PAGE = 1000;

/** The first file is the root. */
export function fakeReader(files: Iterable<FakeFile>): FileReader {
  let root = 0;
  for (const { number } of files) {
    root = number;
    break;
  }
  return {
    volumes: [NOWHERE],
    roots: [{ tree: 0, number: root }],
    async *files() {
      let page: FileNode[] = [];
      for (const file of files) {
        page.push(nodeOf(file));
        if (page.length < PAGE) continue;
        yield page;
        page = [];
      }
      yield page;
    },
    async file({ number }) {
      for (const file of files) if (file.number === number) return nodeOf(file);
      return null;
    },
    async *free() {},
    async *metadata() {},
  };
}

function nodeOf(file: FakeFile): FileNode {
  const { number, kind, bytes = 0, links = 1, names, extents = [], parents } = file;
  return {
    id: { tree: 0, number },
    kind: kind ?? (names === undefined ? 'file' : 'directory'),
    system: null,
    sizeBytes: bytes,
    allocatedBytes: bytes,
    linkCount: links,
    record: null,
    stat: () => {
      throw new Error('nobody asked');
    },
    async *extents() {
      yield extents;
    },
    async *entries() {
      let page: DirectoryEntry[] = [];
      for (const [name, to] of names ?? []) {
        const own = typeof name === 'string' ? Buffer.from(name) : name;
        page.push({ name: guestName(own), id: { tree: 0, number: to }, kind: null });
        if (page.length < PAGE) continue;
        yield page;
        page = [];
      }
      yield page;
    },
    ...(parents === undefined
      ? {}
      : { parents: async () => parents.map((one) => ({ tree: 0, number: one })) }),
  };
}
