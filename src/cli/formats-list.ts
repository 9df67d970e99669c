// `virt-df formats list`: every format of every layer, and the user's own.
import { catalog } from '../../generated/catalog.js';
import { loadUserFormats } from '../filesystem/user-formats/index.js';
import type { Spec } from '../kaitai/index.js';
import { printable } from '../validation/guest.js';
import {
  type CommandOutput,
  detectionText,
  type FormatFolders,
  probeText,
  specificationPath,
  textTable,
  warnings,
} from './formats-output.js';

interface ListedFormat {
  readonly spec: Spec;
  readonly origin: 'built-in' | 'user';
  readonly path: string;
}

export interface ListOptions extends FormatFolders {
  readonly json: boolean;
}

/** @throws UsageError USAGE when a folder of formats cannot be listed. */
export async function listFormats(options: ListOptions): Promise<CommandOutput> {
  const { formats, problems } = await loadUserFormats(options.folders, options.environment);
  const listed: ListedFormat[] = [
    ...catalog.map((spec) => ({ spec, origin: 'built-in' as const, path: spec.ksy })),
    ...formats.map(({ spec, path }) => ({ spec, origin: 'user' as const, path })),
  ];
  return {
    stdout: options.json ? jsonText(listed) : tableText(listed),
    stderr: warnings(problems),
    exitCode: problems.length > 0 ? 1 : 0,
  };
}

const TITLES = ['NAME', 'LAYER', 'KIND', 'UNDERSTOOD', 'ORIGIN', 'DETECTED', 'SPECIFICATION'];

const MAX_PATH_LENGTH = 4096;

const UNDERSTOOD = { usage: 'usage', layout: 'layout', detected: 'detected only' } as const;

function tableText(listed: readonly ListedFormat[]): string {
  const rows = listed.map(({ spec, origin, path }) => [
    spec.name,
    spec.layer,
    spec.kind,
    UNDERSTOOD[spec.understood],
    origin,
    detectionText(spec),
    printable(path, MAX_PATH_LENGTH),
  ]);
  return textTable([TITLES, ...rows]);
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
    specification: origin === 'built-in' ? specificationPath(path) : path,
  }));
  return `${JSON.stringify({ schema: 'virt-df-formats/1', formats }, null, 2)}\n`;
}
