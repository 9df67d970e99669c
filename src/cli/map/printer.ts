// The printer of `virt-df map` for the chosen output; the others are not loaded.
import type { MapReport } from '../../queries/map/record.js';
import { rowsIn } from '../../queries/map/row-table.js';
import { toldApartInNames } from '../../report/same-names.js';
import { atEnd, type Printer } from '../ask-guests.js';
import type { MapSettings } from './settings.js';

export async function printerOf(settings: MapSettings): Promise<Printer<MapReport>> {
  switch (settings.output) {
    case 'text': {
      const { mapText } = await import('../../report/map/text.js');
      return atEnd((reports) => mapText(toldApartInNames(reports), settings));
    }
    case 'json': {
      const { mapJson } = await import('../../report/map/json.js');
      return atEnd(mapJson);
    }
    case 'ndjson': {
      const { mapNdjson } = await import('../../report/map/json.js');
      return { guest: mapNdjson, end: () => '', kept: withoutRows };
    }
    case 'bmap': {
      const { mapBmap } = await import('../../report/map/bmap.js');
      return atEnd(mapBmap);
    }
  }
}

/** There may be millions, and hundreds of guests. The first is kept: that there was one is the exit code's. */
function withoutRows<R extends MapReport>(report: R): R {
  const filesystems = report.filesystems.map((one) => ({ ...one, file: null }));
  const [first] = rowsIn(report.rows);
  return {
    ...report,
    filesystems,
    rows: { tables: [], listed: first === undefined ? [] : [first] },
  };
}
