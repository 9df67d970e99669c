// A path -> the disk that the guest sees, with the whole chain of images behind it.
import { FormatError, SourceError, UnsupportedError, VirtDfError } from '../errors.js';
import { MAX_CHAIN_DEPTH } from '../limits.js';
import type { HostFile, Scope } from '../source/scope.js';
import { printable } from '../validation/guest.js';
import type { ContainerFormat, Disk } from './container.js';
import { type ImagePath, resolveNamed } from './named-file.js';
import { type ContainerEntry, containers } from './registry.js';

export interface OpenOptions {
  /** What the caller or libvirt declares: it is believed, whatever the file holds. `auto` looks at the first bytes. */
  readonly format: string;
  readonly scope: Scope;
  /** Files that images of the chain may name wherever they lie, because libvirt names them too. */
  readonly allowedPaths?: readonly string[];
}

/** One image of a chain and those that led to it. */
interface Link {
  readonly path: ImagePath;
  readonly format: string;
  /** Real paths of the images above. */
  readonly above: readonly string[];
}

/**
 * Opens an image file or device. What it gives is closed with the scope.
 * @throws SourceError, FormatError, UnsupportedError; `LOOP` or `LIMIT` for a chain that does not end.
 */
export async function openDisk(path: string, options: OpenOptions): Promise<Disk> {
  const given = { given: path, real: path, isTrusted: true };
  return openLink({ path: given, format: options.format, above: [] }, options);
}

async function openLink({ path, format, above }: Link, options: OpenOptions): Promise<Disk> {
  const { scope, allowedPaths = [] } = options;
  const file = await scope.open(path.real);
  const isReplaced = file.path !== path.real || file.allocationBytes === null;
  if (!path.isTrusted && isReplaced) {
    const message = `${printable(path.given)} was replaced after its name was checked`;
    throw new SourceError('NOT_ALLOWED', message);
  }
  const chain = checkedChain(file, above);
  const container = await chooseFormat(file, format);
  return container.open(file, {
    scope,
    async openNamed(name, namedFormat) {
      const namer = { ...path, real: file.path };
      const named = await resolveNamed(name, namer, allowedPaths);
      const link = { path: named, format: namedFormat ?? 'raw', above: chain };
      return openLink(link, options).catch((error: unknown) => {
        throw inNamed(named.real, error);
      });
    },
  });
}

function checkedChain(file: HostFile, above: readonly string[]): readonly string[] {
  const path = printable(file.path);
  if (above.includes(file.path)) {
    throw new FormatError('LOOP', `the chain of images comes back to ${path}`);
  }
  if (above.length >= MAX_CHAIN_DEPTH) {
    const message = `the chain of images has more than ${MAX_CHAIN_DEPTH} layers, down to ${path}`;
    throw new FormatError('LIMIT', message);
  }
  return [...above, file.path];
}

/** A declared format is never probed away: a raw disk whose guest wrote a qcow2 header into it stays raw. */
async function chooseFormat(file: HostFile, format: string): Promise<ContainerFormat> {
  if (format === 'auto') return probe(file);
  const entry = containers.find(({ name }) => name === format);
  if (entry !== undefined) return entry.load();
  const known = containers.map(({ name }) => name).join(', ');
  throw new UnsupportedError(
    'UNSUPPORTED_FORMAT',
    `images of format "${printable(format)}" cannot be read yet; those that can are ${known}`,
    { data: { format: printable(format) } },
  );
}

async function probe(file: HostFile): Promise<ContainerFormat> {
  for (const entry of containers) {
    if (!(await hasMagic(file, entry))) continue;
    const container = await entry.load();
    if (await container.probe(file)) return container;
  }
  throw new UnsupportedError('UNSUPPORTED_FORMAT', `${printable(file.path)} is of no known format`);
}

async function hasMagic(file: HostFile, { magic }: ContainerEntry): Promise<boolean> {
  if (magic === null) return true;
  if (file.sizeBytes < magic.length) return false;
  const head = await file.read(0, magic.length);
  return magic.every((byte, i) => head[i] === byte);
}

/** Says in which file of the chain it was; the deepest one says it. */
function inNamed(path: string, error: unknown): unknown {
  if (!(error instanceof VirtDfError) || error.cause instanceof VirtDfError) return error;
  const [code, message] = [error.code, `${printable(path)}: ${error.message}`];
  const options = { data: error.data, cause: error };
  if (error instanceof FormatError) return new FormatError(code, message, options);
  if (error instanceof UnsupportedError) return new UnsupportedError(code, message, options);
  return error;
}
