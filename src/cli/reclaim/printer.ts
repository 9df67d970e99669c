// The printer of `virt-df reclaim` for the chosen output; the others are not loaded.
import type { ReclaimReport } from '../../queries/reclaim/record.js';
import { toldApartInNames } from '../../report/same-names.js';
import { atEnd, type Printer, runInfo } from '../ask-guests.js';
import type { ReclaimSettings } from './settings.js';

export async function printerOf(settings: ReclaimSettings): Promise<Printer<ReclaimReport>> {
  switch (settings.output) {
    case 'text': {
      const { reclaimText } = await import('../../report/reclaim/text.js');
      return atEnd((reports) => reclaimText(toldApartInNames(reports), settings));
    }
    case 'plan': {
      const { reclaimPlan } = await import('../../report/reclaim/plan.js');
      return atEnd((reports) => reclaimPlan(reports, settings.isAscii));
    }
    case 'json': {
      const { reclaimJson } = await import('../../report/reclaim/json.js');
      const info = await runInfo();
      return atEnd((reports) => reclaimJson(reports, info));
    }
    case 'ndjson': {
      const { reclaimNdjsonGuest, reclaimNdjsonEnd } = await import('../../report/reclaim/json.js');
      const info = await runInfo();
      const end = (reports: readonly ReclaimReport[]) => reclaimNdjsonEnd(reports, info);
      return { guest: reclaimNdjsonGuest, end };
    }
  }
}
