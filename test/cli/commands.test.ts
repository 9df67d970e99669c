// Commands are oclif's: one line of the table, one file, one class; and what runs is the class's `run`.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Command } from '@oclif/core/command';
import { BaseCommand } from '../../src/cli/base-command.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { BIN } from './support.js';

test('each command has a file of its own, and each file is a command', () => {
  const files = Object.keys(COMMANDS).map((words) => `${words.replaceAll(' ', '-')}.ts`);
  assert.deepEqual(readdirSync('src/cli/commands').sort(), files.sort());
});

test('what runs is the run() of a class that is a command of oclif', async (t) => {
  for (const [words, load] of Object.entries(COMMANDS)) {
    const Class = await load();
    assert.ok(Class.prototype instanceof BaseCommand && Class.prototype instanceof Command, words);
    assert.ok(Object.hasOwn(Class.prototype, 'run'), words);
    assert.ok(Class.summary !== undefined, words);
    t.mock.method(Class.prototype, 'run', async () => 42);
    assert.equal(await Class.execute([]), 42, words);
  }
});

test('the bundle has the code of oclif as it is published', () => {
  const bundle = readFileSync(BIN.replace('virt-df.js', 'core.js'), 'utf8');
  // A rewritten require was a function of this name.
  assert.doesNotMatch(bundle, /\$get_\w+_1/u);
  assert.match(bundle, /await this\.init\(\)/u);
});

/** A page's numbered steps name files: all of them are there, but for those of the reader's own. */
test('docs/adding-a-command.md names files, functions and flags that there are', () => {
  const page = readFileSync('docs/adding-a-command.md', 'utf8');
  for (const [, path = ''] of page.matchAll(/`((?:src|test|docs)\/[\w./-]+\.\w+)`/gu)) {
    if (!path.includes('NAME')) assert.ok(readFileSync(path).length > 0, path);
  }
  const where: Readonly<Record<string, string>> = {
    Query: 'src/queries/ask.ts',
    childrenOf: 'src/stack/node.ts',
    BaseCommand: 'src/cli/base-command.ts',
    commandLine: 'src/cli/base-command.ts',
    askGuests: 'src/cli/ask-guests.ts',
    atEnd: 'src/cli/ask-guests.ts',
    guestSettings: 'src/cli/guest-settings.ts',
    MACHINE: 'src/cli/shared-flags.ts',
    OutputKind: 'src/cli/df/settings.ts',
    clean: 'src/report/text.ts',
  };
  for (const [name, path] of Object.entries(where)) {
    assert.ok(page.includes(`\`${name}\``), name);
    const declared = new RegExp(`^(?:export )?(?:async )?(?:abstract )?\\w+ ${name}\\b`, 'mu');
    assert.match(readFileSync(path, 'utf8'), declared, path);
  }
});
