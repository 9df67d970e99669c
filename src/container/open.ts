// Opens a path as the disks that the guest sees, each with the whole chain of images behind it.

import { promises } from 'node:fs';
import { join } from 'node:path';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, SourceError, UnsupportedError, VirtDfError } from '../errors.js';
import { hostError, isMissing } from '../host/host-error.js';
import { withoutSecrets } from '../host/location.js';
import type { HostFile, Scope } from '../host/scope.js';
import { KIB, MAX_ARCHIVE_DISKS, MAX_WRAPPER_DEPTH } from '../limits.js';
import { printable } from '../validation/guest.js';
import { chooseFormat, probe } from './choose-format.js';
import {
  type ContainerContext,
  type Disk,
  type Layer,
  layerOf,
  layersOf,
  type WrappedFile,
  type WrapperFormat,
} from './container.js';
import { inNamed } from './in-named.js';
import {
  checkedChain,
  type Found,
  filesBeside,
  filesNamed,
  type Link,
  parentCandidates,
  pieceNamed,
  siblingNames,
} from './link.js';
import { elsewhere, type FilePolicy, type ImagePath } from './named-file.js';
import { NO_SECRETS, type Secrets } from './secrets.js';

export interface OpenOptions {
  /** The declared format: it is believed, whatever the file holds. `auto` looks at the file's signatures. */
  readonly format: string;
  readonly scope: Scope;
  /** Files that images of the chain may name, beside those in their own directory. */
  readonly policy?: FilePolicy;
  /** The internal snapshot that is wanted of the active layer, by id or name; null (default) is the active disk. */
  readonly snapshot?: string | null;
  /** For the encrypted image of this UUID (null: it has none). */
  readonly secrets?: (uuid: string | null) => Secrets;
  /** Whether the bytes of a file in an archive are a disk's, though no container's; default: only named ones are. */
  readonly looksLikeDisk?: (file: ByteSource) => Promise<boolean>;
  /** Gives a file behind an image that cannot be opened as a layer with a `problem`; reads that reach it fail. */
  readonly keepsBroken?: boolean;
}

const NO_POLICY: FilePolicy = { files: [], roots: [] };

/**
 * Opens an image file or device: one disk, or those of an archive in its order. The scope closes them.
 * @throws SourceError, FormatError, UnsupportedError; `LOOP` or `LIMIT` for a chain that does not end.
 */
export async function openDisks(path: string, options: OpenOptions): Promise<readonly Disk[]> {
  const file = await options.scope.open(path).catch((error: unknown) => {
    if (options.format === 'auto' && isDirectory(error)) return null;
    throw error;
  });
  if (file === null) return openDirectory(path, options);
  return openFile(
    file,
    firstLink({ asNamed: withoutSecrets(path), real: file.path }, options),
    options,
  );
}

/** Of what the caller named. */
function firstLink(path: Pick<ImagePath, 'asNamed' | 'real'>, { format }: OpenOptions): Link {
  const named = { count: 0 };
  return { path: { ...path, isTrusted: true }, format, above: [], members: null, named };
}

/** The disks of a folder that a program keeps a machine in. What they name may lie anywhere below the folder. */
async function openDirectory(path: string, given: OpenOptions): Promise<readonly Disk[]> {
  const { openMachine } = await import('./folder/machine.js');
  const real = await promises.realpath(path).catch((error: unknown) => {
    throw hostError(path, error);
  });
  const { files, roots } = given.policy ?? NO_POLICY;
  const policy = { files, roots: [...roots, real], machine: real };
  const options = { ...given, policy };
  const linkOf = (name: string): Link => {
    const place = join(real, name);
    return firstLink({ asNamed: place, real: place }, options);
  };
  return openMachine(real, {
    async file(name) {
      return (await filesNamed([name], linkOf(name), given.scope, policy, false).next()).value.file;
    },
    async open({ names, format, namer, problem, doubt }) {
      if (problem !== undefined) throw problem;
      const opened = await openNamed({ names, format, check: undefined }, linkOf(namer), options);
      const { content, layer } = opened.disk;
      const doubts = [doubt ?? [], opened.doubt ?? [], layer.doubts].flat();
      return { content, layer: { ...layer, doubts } };
    },
    broken: ({ names: [name = ''] }, problem) => brokenDisk(name, 'unknown', problem),
  });
}

function isDirectory(error: unknown): boolean {
  return error instanceof SourceError && error.data.kind === 'a directory';
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

/** What is known of a file while wrappers are taken off. */
interface Inside {
  readonly depth: number;
  /** Whether the caller or a manifest names it as a disk. Of other files of an archive those are disks that look so. */
  readonly isNamed: boolean;
  /** Why files that nothing names were not looked into: it is said if no disk was found. */
  readonly refusals: VirtDfError[];
}

/** Files of an archive that nothing names and that are smaller are no raw disks, nor do they hold one. */
const MIN_DISK_BYTES = 16 * KIB;
const MIN_PACKED_BYTES = 512;

async function openFile(
  file: HostFile,
  link: Link,
  options: OpenOptions,
): Promise<readonly Disk[]> {
  const refusals: VirtDfError[] = [];
  const disks = await openInside(file, link, options, { depth: 0, isNamed: true, refusals });
  if (disks.length > 0) return disks;
  const message = `none of the files in ${printable(file.path)} is a disk`;
  const data = { isNoDisk: true };
  throw refusals[0] ?? new UnsupportedError('UNSUPPORTED_FORMAT', message, { data });
}

async function openInside(
  file: HostFile,
  link: Link,
  options: OpenOptions,
  inside: Inside,
): Promise<readonly Disk[]> {
  const { depth, isNamed } = inside;
  const context = contextOf(file, link, options);
  const format = await chooseFormat(file, link.format, depth === 0 ? context : null);
  if (!('unwrap' in format)) {
    if (!isNamed && format.name === 'raw' && !(await isRawDisk(file, options))) return [];
    if (context.snapshot !== null && format.hasSnapshots !== true) {
      throw noSnapshots(file, format.name, context.snapshot);
    }
    const { content, layer } = await format.open(file, context);
    return [{ content, layer: { ...layer, doubts: [...context.doubts, ...layer.doubts] } }];
  }
  const files = await unwrapped(file, context, format, inside);
  const disks: Disk[] = [];
  for (const member of files) {
    if (member.role === 'part') continue;
    disks.push(...(await openMember(member, files, link, options, inside, file)));
    if (disks.length > MAX_ARCHIVE_DISKS) {
      const message = `${printable(file.path)} holds more than ${MAX_ARCHIVE_DISKS} disks`;
      throw new FormatError('LIMIT', message);
    }
  }
  return activeDisks(disks);
}

/** The files inside; none if the wrapper is a file of an archive that nothing names, and cannot be read. */
async function unwrapped(
  file: HostFile,
  context: ContainerContext,
  format: WrapperFormat,
  { depth, isNamed, refusals }: Inside,
): Promise<readonly WrappedFile[]> {
  if (!isNamed && file.sizeBytes < MIN_PACKED_BYTES) return [];
  try {
    if (depth === MAX_WRAPPER_DEPTH) {
      const message = `${printable(file.path)}: files within files are more than ${depth} deep`;
      throw new FormatError('LIMIT', message);
    }
    return await format.unwrap(file, context);
  } catch (error) {
    const isOfFile = error instanceof FormatError || error instanceof UnsupportedError;
    if (isNamed || format.holdsDisk === true || !isOfFile) throw error;
    refusals.push(error);
    return [];
  }
}

async function openMember(
  member: WrappedFile,
  files: readonly WrappedFile[],
  link: Link,
  options: OpenOptions,
  { depth, isNamed, refusals }: Inside,
  outer: HostFile,
): Promise<readonly Disk[]> {
  const isAll = files.length === 1 && member.path === outer.path;
  const path = { ...link.path, real: member.path };
  const members = isAll ? link.members : files;
  const inner = { ...link, path, members, format: member.format ?? 'auto' };
  const named = isAll ? isNamed : member.role === 'disk';
  try {
    return await openInside(member, inner, options, { depth: depth + 1, isNamed: named, refusals });
  } catch (error) {
    // One file of an archive does not keep the others from being read.
    if (files.length === 1 || !(error instanceof VirtDfError)) throw error;
    return [brokenDisk(member.path, 'unknown', error)];
  }
}

async function isRawDisk(file: HostFile, { looksLikeDisk }: OpenOptions): Promise<boolean> {
  return file.sizeBytes >= MIN_DISK_BYTES && (await looksLikeDisk?.(file)) === true;
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

/** The context of one image, and what its format would not tell of the files that it names. */
interface OpeningContext extends ContainerContext {
  readonly doubts: readonly VirtDfError[];
}

function contextOf(file: HostFile, link: Link, options: OpenOptions): OpeningContext {
  const { scope, policy = NO_POLICY, snapshot = null, secrets = () => NO_SECRETS } = options;
  const above = checkedChain(file, link.above);
  const namer = { ...link, above };
  const doubts: VirtDfError[] = [];
  return {
    scope,
    doubts,
    snapshot: link.above.length === 0 ? snapshot : null,
    secrets,
    async openNamed(name, format, check) {
      const names = typeof name === 'string' ? [name] : name;
      try {
        const { disk, doubt } = await openNamed({ names, format, check }, namer, options);
        if (doubt !== null) doubts.push(doubt);
        return disk;
      } catch (error) {
        if (options.keepsBroken !== true || !(error instanceof VirtDfError)) throw error;
        return brokenDisk(names[0] ?? '', format ?? 'raw', error);
      }
    },
    siblings: () => siblingNames(link),
    parentCandidates: (pattern) => parentCandidates(link, policy, pattern),
    piece: (name) => pieceNamed(name, namer, scope, policy),
    filesIn: (folder) => filesBeside(folder, link),
    async peek(name) {
      const { value } = await filesNamed([name], namer, scope, policy, true).next();
      return value.file;
    },
    absent(name, format, problem) {
      if (options.keepsBroken !== true) throw problem;
      return brokenDisk(name, format, problem);
    },
  };
}

/** The file that an image wants, by its names for it. */
interface WantedFile {
  readonly names: readonly string[];
  /** The format that the image states. */
  readonly format: string | undefined;
  readonly check: ((layer: Layer) => VirtDfError | null) | undefined;
}

/** The first of the files of that name that is the one which is meant. */
async function openNamed(
  { names, format, check }: WantedFile,
  namer: Link,
  options: OpenOptions,
): Promise<{ readonly disk: Disk; readonly doubt: VirtDfError | null }> {
  const { scope, policy = NO_POLICY } = options;
  let stranger: VirtDfError | null = null;
  try {
    for await (const found of filesNamed(names, namer, scope, policy, check !== undefined)) {
      const disk = await openFound(found, format, namer, options).catch(reasonToTryOn(found));
      if (disk instanceof VirtDfError) {
        stranger ??= disk;
        continue;
      }
      const { problem } = disk.layer;
      const difference = problem === null ? (check?.(disk.layer) ?? null) : null;
      const isUnsure = check === undefined && !found.isAsNamed;
      const doubt = isUnsure ? elsewhere(names[0] ?? '', namer.path, disk.layer.path) : null;
      if (difference === null) return { disk, doubt };
      stranger ??= difference;
    }
  } catch (error) {
    throw stranger !== null && isMissing(error) ? stranger : error;
  }
  throw new FormatError('INVALID', 'no name of the file is left');
}

/** A file elsewhere that only has the name and is no image at all does not end the search for the one that is meant. */
function reasonToTryOn({ isAsNamed }: Found): (error: unknown) => VirtDfError {
  return (error) => {
    const isFinal = error instanceof VirtDfError && ['TIMEOUT', 'LIMIT'].includes(error.code);
    if (isAsNamed || isFinal || !(error instanceof VirtDfError)) throw error;
    return error;
  };
}

async function openFound(
  { file, path, nameFormat }: Found,
  stated: string | undefined,
  namer: Link,
  options: OpenOptions,
): Promise<Disk> {
  try {
    const link = { ...namer, path, format: 'raw' };
    return await openStated(file, link, path.format ?? stated ?? nameFormat ?? undefined, options);
  } catch (error) {
    throw namer.members === null ? inNamed(path.real, error) : error;
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
    await openFile(file, { ...link, format: format ?? 'raw' }, options),
  );
  const likely = format === undefined ? await probe(file, null) : null;
  if (likely === null || likely.name === 'raw') return disk;
  const doubt = new UnsupportedError(
    'AMBIGUOUS',
    `${printable(file.path)} is read as raw, since the image that names it states no format; ` +
      `it begins as ${likely.name} (qemu-img rebase -u -F ${likely.name} -b FILE states it)`,
    { data: { format: likely.name } },
  );
  return { ...disk, layer: { ...disk.layer, doubts: [...disk.layer.doubts, doubt] } };
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
