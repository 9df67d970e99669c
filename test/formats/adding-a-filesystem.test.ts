// Follows docs/adding-a-filesystem.md literally: writes the files that it shows and runs its commands, each in turn, in
// an empty folder, and compares what they print with what the page says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { missing, toolEnv } from '../tools.js';

const PAGE = 'docs/adding-a-filesystem.md';

/** A fenced block: its language, the name of the file that it is, its lines. */
interface Block {
  readonly language: string;
  readonly file: string | null;
  readonly lines: readonly string[];
}

interface Step {
  readonly command: string;
  readonly output: readonly string[];
}

function blocks(page: string): readonly Block[] {
  return [...page.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gmsu)].map(
    ([, language = '', file, body = '']) => ({
      language,
      file: file ?? null,
      lines: body.replace(/\n$/u, '').split('\n'),
    }),
  );
}

/** The commands of a `console` block, each with the lines that follow it. */
function steps(lines: readonly string[]): readonly Step[] {
  const found: { command: string; output: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith('$ ')) found.push({ command: line.slice(2), output: [] });
    else found.at(-1)?.output.push(line);
  }
  return found;
}

const skip = missing({ mkreiserfs: 'reiserfsprogs' });

describe(PAGE, { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-page-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const work = join(folder, 'work');
  mkdirSync(work);
  writeFileSync(
    join(folder, 'virt-df'),
    `#!/bin/sh\nexec '${process.execPath}' '${resolve('dist/virt-df.js')}' "$@"\n`,
    { mode: 0o755 },
  );
  const env = {
    ...toolEnv,
    HOME: folder,
    XDG_CACHE_HOME: join(folder, 'cache'),
    PATH: `${folder}:${toolEnv.PATH}`,
  };

  for (const { language, file, lines } of blocks(readFileSync(PAGE, 'utf8'))) {
    if (file !== null) {
      it(`shows ${file}`, () =>
        writeFileSync(join(work, file), `${lines.join('\n')}\n`, { mode: 0o644 }));
    }
    if (language !== 'console') continue;
    for (const { command, output } of steps(lines)) {
      it(`$ ${command}`, () => {
        const ran = spawnSync('sh', ['-c', command], { cwd: work, env, encoding: 'utf8' });
        assert.equal(ran.stderr, '');
        assert.equal(ran.stdout, output.map((line) => `${line}\n`).join(''));
        assert.equal(ran.status, 0);
      });
    }
  }
});
