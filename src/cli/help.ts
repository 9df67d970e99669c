// --help: oclif's help of one command. The configuration is given to it, so nothing is looked up on disk.
import type { Command } from '@oclif/core/command';
import { Config } from '@oclif/core/config';
import { Help } from '@oclif/core/help';
import type { PJSON } from '@oclif/core/interfaces';
import { VERSION } from '../version.js';
import { COMMANDS, commandsBelow, DEFAULT_COMMAND } from './commands.js';
import { printOut } from './output.js';

/** oclif's help, kept as a text: process.stdout tells of a full disk too late. */
class TidyHelp extends Help {
  text = '';

  protected override log(...lines: string[]): void {
    this.text += `${lines.join(' ')}\n`;
  }

  /** The bare command has no word of its own; oclif leaves a second blank where it would stand. */
  override formatCommand(command: Command.Loadable): string {
    return super.formatCommand(command).replace('virt-df  ', 'virt-df ');
  }
}

/** Prints the help of a command, or the commands that begin with a word; that of df, the bare virt-df, names them all. */
export async function showHelp(name: string): Promise<number> {
  const load = COMMANDS[name];
  if (load === undefined) {
    printOut(await listed(commandsBelow(name)));
    return 0;
  }
  const oclif = { bin: 'virt-df', topicSeparator: ' ' as const };
  const pjson: PJSON = { name: 'virt-df', version: VERSION, oclif };
  const config = await Config.load({ root: import.meta.dirname, pjson });
  const help = new TidyHelp(config, {
    flagSortOrder: 'none',
    hideCommandSummaryInDescription: true,
  });
  await help.showCommandHelp(loadable(name, await load()));
  printOut(help.text + (name === DEFAULT_COMMAND ? await listed(Object.keys(COMMANDS)) : ''));
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

/** The commands of these names, a line each. */
async function listed(names: readonly string[]): Promise<string> {
  const width = Math.max(...names.map((name) => name.length));
  const lines = await Promise.all(
    names.map(async (name) => {
      const summary = (await COMMANDS[name]?.())?.summary ?? '';
      return `  virt-df ${name.padEnd(width)}  ${summary}\n`;
    }),
  );
  return `COMMANDS\n${lines.join('')}\nvirt-df help COMMAND shows the flags of one.\n`;
}
