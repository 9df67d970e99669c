// The printer of `virt-df chain` for the chosen output: a tree, JSON or XML; the others are not loaded.
import type { ChainReport } from '../../queries/chain/record.js';
import { toldApartInNames } from '../../report/same-names.js';
import { atEnd, type Printer, runInfo } from '../ask-guests.js';
import type { ChainSettings } from './settings.js';

export async function printerOf(settings: ChainSettings): Promise<Printer<ChainReport>> {
  switch (settings.output) {
    case 'tree': {
      const { chainTree } = await import('../../report/chain/tree.js');
      return atEnd((reports) => chainTree(toldApartInNames(reports), settings));
    }
    case 'json': {
      const { chainJson } = await import('../../report/chain/json.js');
      const info = await runInfo();
      return atEnd((reports) => chainJson(reports, info));
    }
    case 'xml': {
      const { chainXml } = await import('../../report/chain/xml.js');
      return atEnd(chainXml);
    }
  }
}
