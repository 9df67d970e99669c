// `virt-df formats list`: every format of every layer, and the user's own.
import { catalog } from '../../../generated/catalog.js';
import { loadUserFormats } from '../../declarative/user-formats/index.js';
import type { Spec } from '../../kaitai/index.js';
import { ellipsisFor } from '../../report/text.js';
import { printable } from '../../validation/guest.js';
import { fitted } from './fitted.js';
import {
  type CommandOutput,
  detectionText,
  type FormatFolders,
  probeText,
  specificationPath,
  textTable,
  warnings,
} from './output.js';

interface ListedFormat {
  readonly spec: Spec;
  /** `replaced`: built in, but a user's format has its name. */
  readonly origin: 'built-in' | 'replaced' | 'user';
  /** From the package's root for what is built in; null: it has no structure to specify. */
  readonly path: string | null;
}

/** The formats without a specification: a disk as it is, one that was cut, and one whose holes show what lies below. */
const BARE: readonly Spec[] = [
  bare('raw', 'The bytes of the disk as they are'),
  bare('split', 'A raw disk that was cut into files, known by their names'),
  bare('longhorn', 'A layer of a Longhorn replica, known by its name and the .meta beside it'),
  bare(
    'clonezilla',
    "An image of Clonezilla's, a folder with a disk's table and its partitions' images",
  ),
  bare('sparsebundle', "Apple's sparse bundle, a folder with the disk in bands"),
];

function bare(name: string, title: string): Spec {
  return {
    name,
    title,
    layer: 'container',
    kind: 'container',
    understood: 'layout',
    license: 'CC0-1.0',
    probes: [],
    window: null,
  };
}

interface ListOptions extends FormatFolders {
  readonly json: boolean;
  /** Columns of the terminal; null: lines are as long as they are. */
  readonly width: number | null;
  readonly hasUnicode: boolean;
}

/** @throws UsageError USAGE when a folder of formats cannot be listed. */
export async function listFormats(options: ListOptions): Promise<CommandOutput> {
  const { formats, problems } = await loadUserFormats(options.folders, options.environment);
  const replaced = new Set(formats.map(({ spec }) => spec.name));
  const listed: ListedFormat[] = [
    ...BARE.map((spec) => ({ spec, origin: 'built-in' as const, path: null })),
    ...catalog.map((spec): ListedFormat => {
      const isReplaced =
        (spec.layer === 'filesystem' || spec.isDeclarative) && replaced.has(spec.name);
      return { spec, origin: isReplaced ? 'replaced' : 'built-in', path: spec.ksy };
    }),
    ...formats.map(({ spec, path }) => ({ spec, origin: 'user' as const, path })),
  ];
  return {
    stdout: options.json ? jsonText(listed) : tableText(listed, options),
    stderr: warnings(problems),
    exitCode: problems.length > 0 ? 1 : 0,
  };
}

const TITLES = ['NAME', 'LAYER', 'KIND', 'UNDERSTOOD', 'ORIGIN', 'DETECTED', 'SPECIFICATION'];

const MAX_PATH_LENGTH = 4096;

const UNDERSTOOD = { usage: 'usage', layout: 'layout', detected: 'detected only' } as const;

/** `formats show` has the specification, --json all of it. */
const SPARE = ['SPECIFICATION', 'ORIGIN', 'KIND', 'LAYER', 'UNDERSTOOD'];

function tableText(listed: readonly ListedFormat[], { width, hasUnicode }: ListOptions): string {
  const rows = listed.map(({ spec, origin, path }) => [
    spec.name,
    spec.layer,
    spec.kind,
    UNDERSTOOD[spec.understood],
    origin,
    detectionText(spec),
    path === null ? '-' : printable(path, MAX_PATH_LENGTH),
  ]);
  const table = [TITLES, ...rows];
  if (width === null) return textTable(table);
  const ellipsis = ellipsisFor(hasUnicode);
  return textTable(fitted(table, { width, ellipsis, spare: SPARE, cut: 'DETECTED' }));
}

function jsonText(listed: readonly ListedFormat[]): string {
  const formats = listed.map(({ spec, origin, path }) => ({
    name: spec.name,
    title: printable(spec.title),
    layer: spec.layer,
    kind: spec.kind,
    understood: spec.understood,
    detected: spec.probes.map(probeText),
    license: printable(spec.license),
    origin,
    specification: path === null || origin === 'user' ? path : specificationPath(path),
  }));
  return `${JSON.stringify({ schema: 'virt-df-formats/1', formats }, null, 2)}\n`;
}
