// `virt-df pools`.

import { poolsOf } from '../../queries/pools/group.js';
import { withHosts } from '../../queries/pools/host.js';
import type { PoolsReport } from '../../queries/pools/record.js';
import { pools } from '../../queries/pools.js';
import { atEnd, type Printer, runInfo } from '../ask-guests.js';
import { BaseCommand, commandLine, printVersion, surroundings } from '../base-command.js';
import { runFiles } from '../files/run.js';
import { flags } from '../pools/flags.js';
import { type PoolsSettings, poolsSettings } from '../pools/settings.js';
import { args } from '../shared-flags.js';

export class Pools extends BaseCommand {
  static override summary =
    'the filesystems of this host that hold images: how full, and what could fill them';
  static override usage = 'pools [GUEST|IMAGE…] [FLAGS]';
  static override flags = flags;
  static override args = args;
  static override examples = [
    { description: 'Under all guests of this host', command: 'virt-df pools --all' },
    {
      description: 'When each will be full',
      command: 'virt-df pools --all --since yesterday.json',
    },
    {
      description: 'Images that could fill their pool alone',
      command: "virt-df pools --all --json | jq '.pools[].fillers'",
    },
  ];

  override async run(): Promise<number> {
    const line = commandLine(await this.parse(Pools));
    if (line.flags.version) return printVersion();
    const settings = poolsSettings(line, surroundings());
    const printer = await printerOf(settings);
    const query = pools(settings.view, settings.hasReclaimable);
    return runFiles(query, settings, printer, () => [], {
      isNothing: ({ images, elsewhere }) => images.length + elsewhere.length === 0,
    });
  }
}

async function printerOf(settings: PoolsSettings): Promise<Printer<PoolsReport>> {
  const info = await runInfo();
  const since = { earlier: settings.earlier, nowMs: Date.parse(info.generatedAt) };
  if (settings.isJson) {
    const { poolsJson } = await import('../../report/pools/json.js');
    const end = (reports: readonly PoolsReport[]) =>
      poolsJson(reports, poolsOf(reports, since), info);
    return { ...atEnd(end), whole: withHosts };
  }
  const { poolsText } = await import('../../report/pools/text.js');
  const end = (reports: readonly PoolsReport[]) =>
    poolsText(reports, poolsOf(reports, since), settings);
  return { ...atEnd(end), whole: withHosts };
}
