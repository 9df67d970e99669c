// The printer of `virt-df top` for the chosen output; the others are not loaded.
import { appendFileSync, writeFileSync } from 'node:fs';
import { SourceError } from '../../errors.js';
import type { TopAnswer } from '../../queries/top/record.js';
import { toldApartInNames } from '../../report/same-names.js';
import { clean } from '../../report/text.js';
import { runInfo } from '../ask-guests.js';
import { printOut } from '../output.js';
import type { TopSettings } from './settings.js';

export type Print = (answer: TopAnswer) => void;

export async function printerOf(settings: TopSettings): Promise<Print> {
  switch (settings.output) {
    case 'csv': {
      const { topCsv, topCsvHead } = await import('../../report/top/csv.js');
      const print = settings.csvPath === null ? printOut : fileWriter(settings.csvPath);
      let head = topCsvHead();
      return ({ guests }) => {
        print(head + topCsv(guests));
        head = '';
      };
    }
    case 'text': {
      const { topText } = await import('../../report/top/text.js');
      let gap = '';
      return (answer) => {
        const guests = toldApartInNames(answer.guests);
        printOut(gap + topText({ ...answer, guests }, settings));
        gap = '\n';
      };
    }
    default: {
      const { topJson, topNdjson } = await import('../../report/top/json.js');
      const print = settings.output === 'json' ? topJson : topNdjson;
      const info = await runInfo();
      return (answer) => {
        printOut(print(answer, { ...info, generatedAt: new Date().toISOString() }));
      };
    }
  }
}

/** Begins the file anew, as virt-top does, and adds to it. @throws SourceError IO */
function fileWriter(path: string): (text: string) => void {
  const written = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new SourceError('IO', `--csv ${clean(path)} cannot be written: ${reason}`);
    }
  };
  written(() => writeFileSync(path, ''));
  return (text) => written(() => appendFileSync(path, text));
}
