// Third-party packages of what we ship: those whose code the build put into a file of dist/, and those that npm installs
// beside it. The build notes the first (build/bundled.json, from esbuild's metafile), package-lock.json has the second.
// References: npm, "package-lock.json" (packages: dev, optional, os, integrity); SPDX licence list.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package of others. */
export interface Part {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression: `MIT AND BSD-3-Clause`. */
  readonly licence: string;
  /** The files of ours that have code of it; empty for what is only installed. */
  readonly bundledIn: readonly string[];
  /** Whether npm installs it with us: the code of a development tool is not. */
  readonly isRuntime: boolean;
  readonly isOptional: boolean;
  /** Whether it is the binary of one platform, of which npm installs the one that fits. */
  readonly isOfPlatform: boolean;
  /** SHA-512 of its tarball, in hexadecimal. */
  readonly sha512: string;
}

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  /** Needed by the build, and by an optional package. */
  readonly devOptional?: boolean;
  readonly os?: readonly string[];
  readonly integrity?: string;
}

const FOLDER = 'node_modules/';

/** All of them, in the order of their names; the same on every platform. */
export function shippedParts(): readonly Part[] {
  const { packages }: { readonly packages: Readonly<Record<string, Locked>> } =
    readJson('package-lock.json');
  const bundled: Readonly<Record<string, readonly string[]>> = readJson('build/bundled.json');
  return Object.entries(packages)
    .filter(([path]) => path.startsWith(FOLDER))
    .map(([path, locked]) => partOf(path.slice(FOLDER.length), locked, bundled))
    .filter(({ isRuntime, bundledIn }) => isRuntime || bundledIn.length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function partOf(
  name: string,
  locked: Locked,
  bundled: Readonly<Record<string, readonly string[]>>,
): Part {
  return {
    name,
    version: locked.version,
    licence: (locked.license ?? 'NONE').replace(/^\((.*)\)$/u, '$1'),
    bundledIn: Object.keys(bundled)
      .filter((file) => bundled[file]?.includes(name))
      .sort(),
    isRuntime: locked.dev !== true,
    isOptional: locked.optional === true || locked.devOptional === true,
    isOfPlatform: locked.os !== undefined,
    sha512: Buffer.from((locked.integrity ?? '').replace(/^sha512-/u, ''), 'base64').toString(
      'hex',
    ),
  };
}

/** The texts of its licence as it came, and what we found of it besides (texts/). */
export function licenceTexts(name: string): readonly string[] {
  const folder = join(FOLDER, name);
  const own = readdirSync(folder)
    .filter((file) => /^(?:licen[cs]e|copying|notice)/iu.test(file))
    .sort()
    .map((file) => join(folder, file));
  const found = join('scripts/notice/texts', `${name.replace('/', '-')}.txt`);
  return [...own, ...(existsSync(found) ? [found] : [])].map((path) =>
    readFileSync(path, 'utf8').replaceAll('\r\n', '\n').trim(),
  );
}

/** Its author, as its own package.json has it; undefined where that says none. */
export function authorOf(name: string): string | undefined {
  const { author }: { readonly author?: string | { readonly name: string } } = readJson(
    join(FOLDER, name, 'package.json'),
  );
  return typeof author === 'object' ? author.name : author;
}

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8'));
}
