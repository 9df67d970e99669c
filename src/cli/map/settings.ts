// The settings of `virt-df map`, from its command line, the environment and the terminal.
import { realpathSync } from 'node:fs';
import { UsageError } from '../../errors.js';
import { FILES_MEMORY_SHARE } from '../../limits.js';
import type { MapOptions } from '../../queries/map/options.js';
import type { MapTextOptions } from '../../report/map/text.js';
import type { CommandLine } from '../base-command.js';
import { NAMING, placeOf } from '../files/words.js';
import { type GuestSettings, guestSettings, list } from '../guest-settings.js';
import type { Talk } from '../problems.js';
import { checkApart, type Surroundings } from '../shared-settings.js';
import { terminalSettings } from '../terminal.js';
import type { MapFlags } from './flags.js';
import { ddrescueRanges, rangesOf } from './ranges.js';

type MapOutput = 'text' | 'json' | 'ndjson' | 'bmap';

export interface MapSettings extends GuestSettings, Talk, MapTextOptions {
  readonly hasProgress: boolean;
  readonly output: MapOutput;
  readonly options: MapOptions;
  readonly formats: readonly string[];
}

const BMAP = 'bmap';
const ON_DISK = ['offset', 'sector', 'ddrescue'];
const APART = {
  json: ['ndjson', 'export'],
  ndjson: ['export'],
  export: [...ON_DISK, 'host-offset', 'host-file', 'file'],
  file: [...ON_DISK, 'host-offset', 'host-file'],
  'host-offset': [...ON_DISK, 'device'],
};

/** `--format bmap` is no format of images: it asks for the map file of virt-bmap. */
function withExport(line: CommandLine<MapFlags>, { env }: Surroundings): CommandLine<MapFlags> {
  if (line.flags.format !== BMAP) return line;
  const format = env.VIRT_DF_FORMAT ?? 'auto';
  return {
    ...line,
    flags: { ...line.flags, format, export: BMAP },
    typed: [...line.typed.filter((flag) => flag !== 'format'), 'export'],
  };
}

/** @throws UsageError USAGE */
export function mapSettings(
  typedLine: CommandLine<MapFlags>,
  surroundings: Surroundings,
): MapSettings {
  const line = withExport(typedLine, surroundings);
  const { flags, typed, words } = line;
  checkApart(typed, APART);
  checkStdin(flags);
  const sectorSize = flags['sector-size'];
  if (!Number.isInteger(Math.log2(sectorSize))) {
    throw new UsageError('USAGE', `--sector-size is a power of two, not ${sectorSize}`);
  }
  if (words.length > (typed.some((flag) => NAMING.includes(flag)) ? 0 : 1)) {
    throw new UsageError(
      'USAGE',
      'map takes one guest or image; several are --test IMAGE or --domain GUEST, a path is --file PATH',
    );
  }
  const terminal = terminalSettings(flags, surroundings);
  const guests = guestSettings({ ...line, behindA: [] });
  const output = outputOf(flags);
  return {
    ...guests,
    debug: flags.debug,
    quiet: flags.quiet && !flags.debug,
    output,
    formats: list(flags.formats),
    options: { ...askedOf(flags), memoryBytes: guests.memoryBytes * FILES_MEMORY_SHARE },
    ...terminal,
    isTerminal: terminal.isTerminal && output === 'text',
  };
}

/** The first reader takes all of stdin. @throws UsageError USAGE */
function checkStdin(flags: MapFlags): void {
  const asked = [flags.offset, flags.sector, flags['host-offset']].flatMap(list);
  const lists = asked.filter((value) => value === '-').length;
  if (lists + (flags['keys-from-stdin'] ? 1 : 0) > 1) {
    throw new UsageError('USAGE', 'stdin is read once: for one list of ranges, or for keys');
  }
}

function outputOf(flags: MapFlags): MapOutput {
  if (flags.export !== undefined) return 'bmap';
  if (flags.json) return 'json';
  return flags.ndjson ? 'ndjson' : 'text';
}

function askedOf(flags: MapFlags): Omit<MapOptions, 'memoryBytes'> {
  const nothing = { path: [], ranges: null, hostFile: null };
  const given = flags.device ?? null;
  if (flags.file !== undefined) {
    const { device, path } = placeOf(flags.file);
    return { ...nothing, from: 'file', device: device ?? given, path };
  }
  const ofHost = list(flags['host-offset']);
  const hostFile = flags['host-file'] === undefined ? null : realPath(flags['host-file']);
  if (ofHost.length > 0) {
    const ranges = rangesOf(ofHost, '--host-offset', 1);
    return { ...nothing, from: 'host', device: null, ranges, hostFile };
  }
  if (hostFile !== null) throw new UsageError('USAGE', '--host-file is about --host-offset');
  const ranges = [
    ...rangesOf(list(flags.offset), '--offset', 1),
    ...rangesOf(list(flags.sector), '--sector', flags['sector-size']),
    ...(flags.ddrescue === undefined ? [] : ddrescueRanges(flags.ddrescue)),
  ];
  // A list without ranges asks for nothing, not for all.
  const isAll = [flags.offset, flags.sector, flags.ddrescue].every((one) => one === undefined);
  return { ...nothing, from: 'disk', device: given, ranges: isAll ? null : ranges };
}

/** As files are named that were opened: links resolved. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // A URL, or a file that is not there: no disk lies in it.
  }
}
