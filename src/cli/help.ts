// --help: oclif's help of one command. The configuration is given to it, so nothing is looked up on disk.
import type { Command } from '@oclif/core/command';
import { Config } from '@oclif/core/config';
import { Help } from '@oclif/core/help';
import type { PJSON } from '@oclif/core/interfaces';
import { VERSION } from '../version.js';
import { COMMANDS, DEFAULT_COMMAND } from './commands.js';

/** The bare command has no word of its own; oclif leaves a second blank where it would stand. */
class TidyHelp extends Help {
  override formatCommand(command: Command.Loadable): string {
    return super.formatCommand(command).replace('virt-df  ', 'virt-df ');
  }
}

/** Prints the help of a command; that of df, which is the bare virt-df, names the other commands. */
export async function showHelp(name: string): Promise<number> {
  const oclif = { bin: 'virt-df', topicSeparator: ' ' as const };
  const pjson: PJSON = { name: 'virt-df', version: VERSION, oclif };
  const config = await Config.load({ root: import.meta.dirname, pjson });
  const help = new TidyHelp(config, {
    flagSortOrder: 'none',
    hideCommandSummaryInDescription: true,
  });
  const load = COMMANDS[name];
  if (load === undefined) throw new Error(`no command ${name}`);
  await help.showCommandHelp(loadable(name, await load()));
  if (name === DEFAULT_COMMAND) process.stdout.write(await otherCommands());
  return 0;
}

/** A command in the form that oclif's help prints. */
function loadable(name: string, Class: typeof Command): Command.Loadable {
  const flags = Object.entries(Class.flags ?? {}).map(([name, flag]) => [name, { ...flag, name }]);
  const args = Object.entries(Class.args ?? {}).map(([name, arg]) => [name, { ...arg, name }]);
  return {
    id: name === DEFAULT_COMMAND ? '' : name,
    aliases: [],
    hiddenAliases: [],
    hasDynamicHelp: false,
    hidden: false,
    flags: Object.fromEntries(flags),
    args: Object.fromEntries(args),
    ...(Class.summary === undefined ? {} : { summary: Class.summary }),
    ...(Class.description === undefined ? {} : { description: Class.description }),
    ...(Class.usage === undefined ? {} : { usage: Class.usage }),
    ...(Class.examples === undefined ? {} : { examples: Class.examples }),
    load: async () => Class,
  };
}

async function otherCommands(): Promise<string> {
  const names = Object.keys(COMMANDS);
  const width = Math.max(...names.map((name) => name.length));
  const lines = await Promise.all(
    Object.entries(COMMANDS).map(async ([name, load]) => {
      const { summary = '' } = await load();
      return `  virt-df ${name.padEnd(width)}  ${summary}\n`;
    }),
  );
  return `COMMANDS\n${lines.join('')}`;
}
