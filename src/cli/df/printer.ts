// The printer of `virt-df df` for the chosen output. Tables need every row before the first line; NDJSON prints each guest
// when it has been read.

import type { GuestReport } from '../../queries/report.js';
import type { Column } from '../../report/column.js';
import { type ColumnChanges, changed, column } from '../../report/column-names.js';
import { RECORD_COLUMNS } from '../../report/columns.js';
import { type Row, rowsOf, rowsWithVolumes } from '../../report/row.js';
import { toldApartBy } from '../../report/same-names.js';
import { sorted } from '../../report/select.js';
import { atEnd, type Printer, runInfo } from '../ask-guests.js';
import type { Settings } from './settings.js';
import { explained, silentNames } from './silent.js';

/** The printer of the output that was chosen; the others are not loaded. */
export async function printerOf(settings: Settings): Promise<Printer<GuestReport>> {
  const printer = await printerOfOutput(settings);
  if (settings.folders.length === 0) return printer;
  const { isImage } = await import('./found.js');
  return { ...printer, isImage };
}

async function printerOfOutput(settings: Settings): Promise<Printer<GuestReport>> {
  switch (settings.output) {
    case 'rich': {
      const { richTable } = await import('../../report/rich.js');
      return atEnd((reports) =>
        richTable(
          rows(reports, settings),
          named(reports, settings),
          silentNames(reports, settings),
        ),
      );
    }
    case 'plain': {
      const { plainTable } = await import('../../report/plain.js');
      return atEnd((reports) => plainTable(rows(reports, settings), named(reports, settings)));
    }
    case 'lines': {
      const { lines } = await import('../../report/lines.js');
      return atEnd((reports) => lines(rows(reports, settings), named(reports, settings)));
    }
    case 'csv': {
      const { csv } = await import('../../report/csv.js');
      return atEnd((reports) => csv(rows(reports, settings), settings.columns, settings.changes));
    }
    case 'classic': {
      const { classic } = await import('../../report/classic.js');
      const printer = atEnd<GuestReport>((reports) =>
        classic(reports, { ...settings, csv: settings.classicCsv }),
      );
      return { ...printer, keepsParts: true };
    }
    case 'json': {
      const { json, columnsJson } = await import('../../report/json.js');
      const info = await runInfo();
      const columns = columnsOf(settings);
      return atEnd((found) => {
        const reports = explained(found, settings);
        const shown = rows(reports, settings);
        return columns === null
          ? json(reports, shown, info)
          : columnsJson(reports, shown, info, columns);
      });
    }
    case 'ndjson': {
      const { ndjsonGuest, ndjsonEnd } = await import('../../report/json.js');
      const info = await runInfo();
      const columns = columnsOf(settings);
      return {
        guest: (report) => ndjsonGuest(report, rows([report], settings), columns),
        end(found) {
          const reports = explained(found, settings);
          const last = reports === found ? [] : reports.flatMap(({ problems }) => problems);
          return ndjsonEnd(reports, info, last, columns);
        },
      };
    }
  }
}

/** Guests of one name in two libvirts are told apart. */
function named(reports: readonly GuestReport[], settings: Settings): Settings {
  const { uuid, live } = settings;
  const own = live === null ? settings.changes : withMountpoint(settings.changes);
  const changes = uuid ? own : toldApartBy(reports, own);
  return { ...settings, changes };
}

/** Beside the names, as of a table of its own columns. */
function withMountpoint(changes: ColumnChanges): ColumnChanges {
  return { ...changes, added: [...changes.added, column('mountpoint')] };
}

/** In order; with --uuid the guest's name is its UUID in tables, and JSON and CSV have a field for it. */
function rows(reports: readonly GuestReport[], settings: Settings): Row[] {
  const rowsOfGuest = settings.allVolumes ? rowsWithVolumes : rowsOf;
  const all = sorted(reports.flatMap(rowsOfGuest), settings.sort);
  const isTable = ['rich', 'plain', 'lines'].includes(settings.output);
  if (!settings.uuid || !isTable) return all;
  return all.map((row) => ({ ...row, guest: row.uuid ?? row.guest }));
}

/** What JSON has of each filesystem instead of all; null without --output. */
function columnsOf({ columns, changes }: Settings): readonly Column[] | null {
  const isChanged = changes.added.length + changes.removed.length > 0;
  return columns ?? (isChanged ? changed(RECORD_COLUMNS, changes) : null);
}
