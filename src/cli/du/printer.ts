// The printer of `virt-df du` for the chosen output; the others are not loaded.
import type { DuReport } from '../../queries/du/record.js';
import { toldApartInNames } from '../../report/same-names.js';
import { atEnd, type Printer, runInfo } from '../ask-guests.js';
import type { DuSettings } from './settings.js';

export async function printerOf(settings: DuSettings): Promise<Printer<DuReport>> {
  switch (settings.output) {
    case 'text': {
      const { duText } = await import('../../report/du/text.js');
      return atEnd((reports) => duText(toldApartInNames(reports), settings));
    }
    case 'json': {
      const { duJson } = await import('../../report/du/json.js');
      const info = await runInfo();
      return atEnd((reports) => duJson(reports, info));
    }
    case 'ndjson': {
      const { duNdjsonGuest, duNdjsonEnd } = await import('../../report/du/json.js');
      const info = await runInfo();
      const end = (reports: readonly DuReport[]) => duNdjsonEnd(reports, info);
      return { guest: duNdjsonGuest, end, kept: withoutListings };
    }
    case 'ncdu': {
      const { duNcdu } = await import('../../report/du/ncdu.js');
      const info = await runInfo();
      return atEnd((reports) => duNcdu(reports, info));
    }
  }
}

/** A guest may have millions of files, and there may be hundreds of guests. */
function withoutListings<R extends DuReport>(report: R): R {
  const filesystems = report.filesystems.map((one) => ({ ...one, listing: null }));
  return { ...report, filesystems };
}
