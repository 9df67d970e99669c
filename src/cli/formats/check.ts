// `virt-df formats check FILE`: lists the errors of a .ksy, and shows the numbers that it reads from an image.

import { slice } from '../../bytes/slice.js';
import type { ByteSource } from '../../bytes/source.js';
import { openDisk } from '../../container/open.js';
import { claimsText } from '../../declarative/claims-text.js';
import { declarative } from '../../declarative/declarative.js';
import { describeFormat } from '../../declarative/user-formats/describe.js';
import { type FormatFile, readFormatFile } from '../../declarative/user-formats/find.js';
import { lintFormat } from '../../declarative/user-formats/lint.js';
import { loadModule } from '../../declarative/user-formats/module.js';
import { VirtDfError } from '../../errors.js';
import type { Usage } from '../../filesystem/filesystem.js';
import { openScope } from '../../host/local-scope.js';
import type { DeclarativeModule, Spec } from '../../kaitai/index.js';
import { NO_STRETCH } from '../../queries/place.js';
import { filesystemRecord } from '../../queries/record.js';
import { plainTable } from '../../report/plain.js';
import { printable } from '../../validation/guest.js';
import { type CommandOutput, type FormatFolders, textTable } from './output.js';

interface CheckOptions extends Pick<FormatFolders, 'environment'> {
  /** An image to read; null: only the specification is checked. */
  readonly image: string | null;
  /** The container's format, as --format of df. */
  readonly imageFormat: string;
  /** Where in the disk the filesystem begins. */
  readonly offsetBytes: number;
}

/**
 * The findings of the lint, then the numbers of the image: a format that is only untidy is read all the same.
 * @throws UsageError BAD_FORMAT_FILE when the file cannot be read at all.
 */
export async function checkFormat(path: string, options: CheckOptions): Promise<CommandOutput> {
  const file = readFormatFile(path, true);
  const findings = await lintFormat(file);
  const read = await readWith(file, options);
  const isKnown = findings.some((finding) => `${finding}\n` === read.stdout);
  return {
    stdout: findings.map((line) => `${line}\n`).join('') + (isKnown ? '' : read.stdout),
    stderr: read.stderr,
    exitCode: findings.length > 0 ? 1 : read.exitCode,
  };
}

async function readWith(file: FormatFile, options: CheckOptions): Promise<CommandOutput> {
  try {
    const module = await loadModule(file, options.environment);
    const spec = await describeFormat(file);
    const { name, title, understood } = spec;
    const path = printable(file.path, MAX_PATH_LENGTH);
    const stdout = `${path}: ${name}, ${printable(title)}, understood: ${understood}\n`;
    if (options.image === null) return { stdout, stderr: '', exitCode: 0 };
    const read = await readImage({ spec, module }, options.image, options);
    return { ...read, stdout: `${stdout}\n${read.stdout}` };
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    // A finding like those of the lint; anything else concerns the image.
    return error.code === 'BAD_FORMAT_FILE'
      ? { stdout: `${error.message}\n`, stderr: '', exitCode: 1 }
      : { stdout: '', stderr: `virt-df: ${error.message}\n`, exitCode: 1 };
  }
}

const MAX_PATH_LENGTH = 4096;

interface Loaded {
  readonly spec: Spec;
  readonly module: DeclarativeModule;
}

async function readImage(
  loaded: Loaded,
  image: string,
  options: CheckOptions,
): Promise<CommandOutput> {
  const scope = openScope({ deadlineMs: null });
  try {
    const open = { format: options.imageFormat, scope };
    const { content } = await openDisk(image, open);
    const { offsetBytes } = options;
    const rest = Math.max(0, content.sizeBytes - offsetBytes);
    return await readSource(loaded, image, slice(content, offsetBytes, rest));
  } finally {
    await scope.close();
  }
}

/** The claims as they stand in the image, then the row that df makes of them. */
async function readSource(
  { spec, module }: Loaded,
  image: string,
  source: ByteSource,
): Promise<CommandOutput> {
  const name = printable(image, MAX_PATH_LENGTH);
  let stdout = '';
  const format = declarative(spec, {
    read(bytes, order) {
      const claims = module.read(bytes, order);
      if (stdout === '') stdout = `${textTable(claimsText(claims))}\n`;
      return claims;
    },
  });
  if ((await format.probe?.(source)) === false) {
    return { stdout, stderr: `virt-df: ${name} has no signature of ${spec.name}\n`, exitCode: 1 };
  }
  const filesystem = await format.open(source);
  if (filesystem.kind !== 'filesystem' || spec.understood !== 'usage') {
    return { stdout, stderr: '', exitCode: 0 };
  }
  const given = { guest: name, uuid: null, disk: '/dev/sda', device: '/dev/sda' };
  const place = { ...given, ...NO_STRETCH };
  const record = await filesystemRecord(place, filesystem, source.sizeBytes, {
    view: 'guest',
    guest: { state: null, disks: [] },
  });
  if (record.problem !== null) {
    return { stdout, stderr: `virt-df: ${record.problem.message}\n`, exitCode: 1 };
  }
  const row = { ...record, kind: 'filesystem' as const, state: null, uri: null, onDisk: null };
  const numbers = `${statfsText(await filesystem.usage('guest'))}\n\n`;
  return { stdout: stdout + numbers + plainTable([row], TABLE), stderr: '', exitCode: 0 };
}

/** The numbers under the kernel's names, to be compared with `stat -f`. */
function statfsText(usage: Usage): string {
  const numbers: readonly (readonly [string, number | null])[] = [
    ['f_bsize', usage.blockSizeBytes],
    ['f_blocks', usage.blockCount],
    ['f_bfree', usage.freeBlockCount],
    ['f_bavail', usage.availableBlockCount],
    ['f_files', usage.fileCount],
    ['f_ffree', usage.freeFileCount],
  ];
  return numbers.map(([name, value]) => `${name} ${value ?? '-'}`).join('   ');
}

const TABLE = {
  style: {
    autoscale: false,
    base: 1024,
    letter: false,
    byteLetter: false,
    blockSizeBytes: 1024,
    rounding: 'ceiling',
  },
  inodes: false,
  printType: true,
  total: false,
  columns: null,
} as const;
