// Each filesystem of the registry as a target, and the files of those that give them.
import { readFileSync } from 'node:fs';
import type { ByteSource } from '../../../src/bytes/source.js';
import { filesystems } from '../../../src/declarative/registry.js';
import type { Filesystem, Usage, View } from '../../../src/filesystem/filesystem.js';
import { type FilesystemEntry, readers } from '../../../src/filesystem/registry.js';
import { NO_STRETCH } from '../../../src/queries/place.js';
import { filesystemRecord } from '../../../src/queries/record.js';
import { checkDoubts } from '../../../test/doubts.js';
import { readAll } from '../../../test/hostile/file-reading.js';
import { checkNumbers } from '../../../test/hostile/sound-row.js';
import { type Target, UnsoundError } from '../target.js';

const PLACE = { guest: 'g', uuid: null, disk: '/dev/sda', device: '/dev/sda', ...NO_STRETCH };
const VIEWS: readonly View[] = ['guest', 'mount'];

export const filesystemTargets: readonly Target[] = filesystems.map((entry) => ({
  name: `filesystem/${entry.name}`,
  probes: entry.probes,
  run: (source) => readFilesystem(entry, source),
}));

/** The same readers on images that were not unmounted: most of what a log's reader does is far from any other input. */
export const logTargets: readonly Target[] = readers.map((entry) => ({
  name: `log/${entry.name}`,
  probes: entry.probes,
  images: /dirty|fast-|orphan|recovered|hibernated/u,
  run: (source) => readFilesystem(entry, source),
}));

async function readFilesystem(entry: FilesystemEntry, source: ByteSource): Promise<string> {
  const filesystem = await opened(entry, source);
  if (filesystem === null) return 'foreign';
  const words = [];
  for (const view of VIEWS) words.push(await numbers(filesystem, source.sizeBytes, view));
  await filesystem.subvolumes?.();
  return words.join(' ');
}

/** Those of which docs/adding-a-filesystem.md says that they give their files, from its list. */
const list = /<!-- formats with files -->(?<lines>.*?)<!-- end -->/su.exec(
  readFileSync('docs/adding-a-filesystem.md', 'utf8'),
)?.groups?.lines;
const withFiles = (list ?? '').split('\n').flatMap((line) => /^\| `(.+?)`/u.exec(line)?.[1] ?? []);

export const fileTargets: readonly Target[] = filesystems
  .filter(({ name }) => withFiles.includes(name))
  .map((entry) => ({
    name: `files/${entry.name}`,
    probes: entry.probes,
    async run(source) {
      let doubtCount = 0;
      const onDoubt = () => {
        doubtCount++;
      };
      const filesystem = await opened(entry, source);
      const reader = await filesystem?.files?.({ onDoubt });
      if (reader === undefined) return 'none';
      return `files ${await readAll(reader)} ${doubtCount}`;
    },
  }));

async function opened(entry: FilesystemEntry, source: ByteSource) {
  const format = await entry.load();
  if (format.probe !== undefined && !(await format.probe(source))) return null;
  return format.open(source);
}

/** As a row has them. Errors of `usage` are thrown as they are, with their stacks. */
async function numbers(filesystem: Filesystem, volumeBytes: number, view: View): Promise<string> {
  const usage = await filesystem.usage(view);
  checkUsage(usage);
  const read = { ...filesystem, usage: async () => usage };
  const row = await filesystemRecord(PLACE, read, volumeBytes, {
    view,
    guest: { state: null, disks: [] },
  });
  checkDoubts(row);
  if (row.problem !== null) return row.problem.code;
  checkNumbers(row, filesystem.type);
  return `${row.basis} ${row.sizeBytes}/${row.freeBytes}/${row.availBytes}/${row.filesFree}`;
}

/** A number that is none would be told as a claim of the image's. */
function checkUsage(usage: Usage): void {
  for (const [name, value] of Object.entries(usage)) {
    if (typeof value !== 'number' || Number.isInteger(value)) continue;
    throw new UnsoundError(`${name} is ${value}`);
  }
}
