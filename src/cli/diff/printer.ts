// The printer of `virt-df diff` for the chosen output; the others are not loaded.
import type { DiffReport } from '../../queries/diff/record.js';
import { atEnd, type Printer, runInfo } from '../ask-guests.js';
import type { DiffSettings } from './settings.js';

export async function printerOf(settings: DiffSettings): Promise<Printer<DiffReport>> {
  switch (settings.output) {
    case 'text': {
      if (settings.options.hasOverlay) {
        const { overlayText } = await import('../../report/diff/overlay.js');
        return atEnd((reports) => overlayText(reports, settings));
      }
      const { diffText } = await import('../../report/diff/text.js');
      return atEnd((reports) => diffText(reports, settings));
    }
    case 'classic': {
      const { classicDiff } = await import('../../report/diff/classic.js');
      return atEnd((reports) => classicDiff(reports, settings.classic));
    }
    case 'json': {
      const { diffJson } = await import('../../report/diff/json.js');
      const info = await runInfo();
      return atEnd((reports) => diffJson(reports, info));
    }
    case 'ndjson': {
      const { diffNdjsonGuest, diffNdjsonEnd, summaryOf } = await import(
        '../../report/diff/json.js'
      );
      const info = await runInfo();
      return {
        guest: diffNdjsonGuest,
        end: (reports) => diffNdjsonEnd(summaryOf(reports), info),
      };
    }
  }
}
