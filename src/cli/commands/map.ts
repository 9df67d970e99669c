// `virt-df map`.
import type { MapReport } from '../../queries/map/record.js';
import { hasRows } from '../../queries/map/row-table.js';
import { map } from '../../queries/map.js';
import { BaseCommand, commandLine, printVersion, surroundings } from '../base-command.js';
import { runFiles } from '../files/run.js';
import { args, flags } from '../map/flags.js';
import { printerOf } from '../map/printer.js';
import { mapSettings } from '../map/settings.js';

export class MapCommand extends BaseCommand {
  static override summary = 'which file lies at an offset of a disk, and where a file lies';
  static override usage = 'map [GUEST|IMAGE] [FLAGS]';
  static override flags = flags;
  static override args = args;
  static override examples = [
    { description: 'The owner of a byte', command: 'virt-df map disk.qcow2 --offset 1G' },
    {
      description: 'Of a sector that a kernel complains about',
      command: 'virt-df map disk.qcow2 --sector 2107392',
    },
    {
      description: 'The files in what ddrescue could not read',
      command: 'virt-df map rescued.img --ddrescue rescue.map',
    },
    {
      description: 'Where a file lies, in the image and those behind it',
      command: 'virt-df map disk.qcow2 --file /dev/sda2:/var/lib/db',
    },
  ];

  override async run(): Promise<number> {
    const line = commandLine(await this.parse(MapCommand));
    const settings = mapSettings(line, surroundings());
    if (line.flags.version) return printVersion();
    const printer = await printerOf(settings);
    return runFiles(map(settings.options), settings, printer, toldBy, {
      hasWords: true,
      isNothing: (report) => {
        // A list or a disk may be empty: then nothing is all there is.
        const isWhole = settings.options.from !== 'file' && report.problems.length === 0;
        return !isWhole && isNothing(report);
      },
    });
  }
}

/** The rows say what lies where; why something could not be read is said on stderr, by lines of ndjson too. */
function toldBy(): readonly [] {
  return [];
}

function isNothing({ rows, filesystems }: MapReport): boolean {
  return !hasRows(rows) && filesystems.every(({ file }) => file === null);
}
