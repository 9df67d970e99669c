// Opens a path as the disks that the guest sees, each with the whole chain of images behind it.

import type { ByteSource } from '../bytes/source.js';
import { FormatError, UnsupportedError, VirtDfError } from '../errors.js';
import { withoutSecrets } from '../host/location.js';
import type { HostFile, Scope } from '../host/scope.js';
import { MAX_ARCHIVE_DISKS, MAX_WRAPPER_DEPTH } from '../limits.js';
import { printable } from '../validation/guest.js';
import { chooseFormat, probe } from './choose-format.js';
import { type ContainerContext, type Disk, type Layer, layerOf, layersOf } from './container.js';
import { checkedChain, fileNamed, inNamed, type Link, siblingNames } from './link.js';
import type { FilePolicy } from './named-file.js';

export interface OpenOptions {
  /** The declared format: it is believed, whatever the file holds. `auto` looks at the file's signatures. */
  readonly format: string;
  readonly scope: Scope;
  /** Files that images of the chain may name, beside those in their own directory. */
  readonly policy?: FilePolicy;
  /** The internal snapshot that is wanted of the active layer, by id or name; null (default) is the active disk. */
  readonly snapshot?: string | null;
  /** The passphrases for the encrypted image of this UUID (null: it has none). */
  readonly passphrases?: (uuid: string | null) => readonly Uint8Array[];
  /** Gives a file behind an image that cannot be opened as a layer with a `problem`; reads that reach it fail. */
  readonly keepsBroken?: boolean;
}

const NO_POLICY: FilePolicy = { files: [], roots: [] };

/**
 * Opens an image file or device: one disk, or those of an archive in its order. The scope closes them.
 * @throws SourceError, FormatError, UnsupportedError; `LOOP` or `LIMIT` for a chain that does not end.
 */
export async function openDisks(path: string, options: OpenOptions): Promise<readonly Disk[]> {
  const file = await options.scope.open(path);
  const image = {
    asNamed: withoutSecrets(path),
    real: file.path,
    isTrusted: true,
    mayBeDevice: true,
  };
  const link = {
    path: image,
    format: options.format,
    above: [],
    members: null,
    named: { count: 0 },
  };
  return openFile(file, link, options, 0);
}

/**
 * As `openDisks`, of an image that has one disk.
 * @throws also UnsupportedError UNSUPPORTED_FORMAT for an archive of several.
 */
export async function openDisk(path: string, options: OpenOptions): Promise<Disk> {
  return onlyDisk(withoutSecrets(path), await openDisks(path, options));
}

function onlyDisk(path: string, [disk, ...others]: readonly Disk[]): Disk {
  if (disk !== undefined && others.length === 0) return disk;
  throw new UnsupportedError(
    'UNSUPPORTED_FORMAT',
    `${printable(path)} holds ${others.length + 1} disks where one is wanted`,
  );
}

async function openFile(
  file: HostFile,
  link: Link,
  options: OpenOptions,
  depth: number,
): Promise<readonly Disk[]> {
  const context = contextOf(file, link, options);
  const format = await chooseFormat(file, link.format, depth === 0 ? context : null);
  if (!('unwrap' in format)) {
    if (context.snapshot !== null && format.hasSnapshots !== true) {
      throw noSnapshots(file, format.name, context.snapshot);
    }
    return [await format.open(file, context)];
  }
  if (depth === MAX_WRAPPER_DEPTH) {
    const message = `${printable(file.path)}: files within files are more than ${depth} deep`;
    throw new FormatError('LIMIT', message);
  }
  const files = await format.unwrap(file, context);
  const disks: Disk[] = [];
  for (const member of files) {
    const members = files.length === 1 && member.path === file.path ? link.members : files;
    const path = { ...link.path, real: member.path };
    const inner = { ...link, path, members, format: 'auto' };
    try {
      disks.push(...(await openFile(member, inner, options, depth + 1)));
    } catch (error) {
      // One file of an archive does not keep the others from being read.
      if (files.length === 1 || !(error instanceof VirtDfError)) throw error;
      disks.push(brokenDisk(member.path, 'unknown', error));
    }
    if (disks.length > MAX_ARCHIVE_DISKS) {
      const message = `${printable(file.path)} holds more than ${MAX_ARCHIVE_DISKS} disks`;
      throw new FormatError('LIMIT', message);
    }
  }
  return activeDisks(disks);
}

/** Without the files of an archive that are behind others of it: backing files, extents. */
function activeDisks(disks: readonly Disk[]): readonly Disk[] {
  if (disks.length < 2) return disks;
  const behind = new Set(
    disks.flatMap(({ layer }) => {
      const [active, ...others] = layersOf(layer);
      const files = [...(active?.files.slice(1) ?? []), ...others.flatMap((other) => other.files)];
      return files.map(({ path }) => path);
    }),
  );
  return disks.filter(({ layer }) => !behind.has(layer.path));
}

function noSnapshots(file: HostFile, format: string, snapshot: string): UnsupportedError {
  return new UnsupportedError(
    'UNSUPPORTED_FEATURE',
    `${printable(file.path)} has no snapshot "${printable(snapshot)}": ` +
      `images of format ${format} have no internal snapshots`,
  );
}

function contextOf(file: HostFile, link: Link, options: OpenOptions): ContainerContext {
  const { scope, policy = NO_POLICY, snapshot = null, passphrases = () => [] } = options;
  const above = checkedChain(file, link.above);
  return {
    scope,
    snapshot: link.above.length === 0 ? snapshot : null,
    passphrases,
    async openNamed(name, format) {
      try {
        return await openNamed(name, format, { ...link, above }, options);
      } catch (error) {
        if (options.keepsBroken !== true || !(error instanceof VirtDfError)) throw error;
        return brokenDisk(name, format ?? 'raw', error);
      }
    },
    siblings: () => siblingNames(link),
    peek: async (name) => (await fileNamed(name, { ...link, above }, scope, policy)).file,
    absent(name, format, problem) {
      if (options.keepsBroken !== true) throw problem;
      return brokenDisk(name, format, problem);
    },
  };
}

async function openNamed(
  name: string,
  declared: string | undefined,
  namer: Link,
  options: OpenOptions,
): Promise<Disk> {
  const { scope, policy = NO_POLICY } = options;
  const { file, path } = await fileNamed(name, namer, scope, policy);
  const { members } = namer;
  try {
    const link = { ...namer, path, format: 'raw' };
    return await openStated(file, link, path.format ?? declared, options);
  } catch (error) {
    throw members === null ? inNamed(path.real, error) : error;
  }
}

/** Opens a named file. If nobody states its format it is read as raw, with a doubt if it looks like an image. */
async function openStated(
  file: HostFile,
  link: Link,
  format: string | undefined,
  options: OpenOptions,
): Promise<Disk> {
  const disk = onlyDisk(
    file.path,
    await openFile(file, { ...link, format: format ?? 'raw' }, options, 0),
  );
  const likely = format === undefined ? await probe(file, null) : null;
  if (likely === null || likely.name === 'raw') return disk;
  const doubt = new UnsupportedError(
    'AMBIGUOUS',
    `${printable(file.path)} is read as raw, since the image that names it states no format; ` +
      `it begins as ${likely.name} (qemu-img rebase -u -F ${likely.name} -b FILE states it)`,
    { data: { format: likely.name } },
  );
  return { ...disk, layer: { ...disk.layer, doubt } };
}

/** Stands for a file that cannot be opened: every read of it throws the error of opening it. */
function brokenDisk(name: string, format: string, problem: VirtDfError): Disk {
  const content: ByteSource = {
    sizeBytes: Number.MAX_SAFE_INTEGER,
    async read() {
      throw problem;
    },
    async runs() {
      throw problem;
    },
  };
  const path = printable(name);
  const file = { ...content, path, allocationBytes: null, physicalBytes: 0 };
  const files = [{ path, role: 'image' as const, allocationBytes: null, physicalBytes: null }];
  const layer: Layer = layerOf(file, format, { files, problem });
  return { content, layer };
}
