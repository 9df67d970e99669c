// Whatever is typed where a path, a name or a value belongs: it is a row, a usage error or nothing found, and never a bug.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { COMMANDS } from '../../src/cli/commands.js';
import type { Bug } from './odd-arguments.js';
import { BIN, ENV, EXT4, noImages } from './support.js';

const CHILD = resolve('build/test/cli/odd-arguments.js');

/** Places that a file system answers oddly for. */
const PATHS = [
  ...'. .. ./ .// / // loop loop/x locked locked/x link-to-locked file/x file/ dangling fifo folder ./gone gone/'.split(
    ' ',
  ),
  ...'/dev/null /dev/zero /dev/full /dev/tty /dev/stdin /dev/fd/9 /proc/self/mem /proc/self /proc/1/root/x'.split(
    ' ',
  ),
  ...'/proc/self/fd/0 /proc/self/exe/x caf\u00e9 cafe\u0301 \ufffd \ufffd/x \ud800 \u202e \u200b \u001b[31m'.split(
    ' ',
  ),
  ...'~ ~nouser/x * [z-a] [ ? {} $HOME `x`'.split(' '),
  ...['', ' ', 'new\nline', 'tab\t', 'a'.repeat(300), `${'a'.repeat(300)}/x`, 'x/'.repeat(2500)],
];

/** Addresses, and words that a program may stumble over. */
const WORDS = [
  ...'file:// file:///%zz file:///%00 file:///nonexistent file://host/x http:// http://[ http://127.0.0.1:1/x'.split(
    ' ',
  ),
  ...'https://:99999/ ftp://x/y nbd:// nbd://127.0.0.1:1/ nbd+unix:// nbd+unix:///x?socket='.split(
    ' ',
  ),
  ...'nbd+unix:///x?socket=/gone ssh:// ssh://-oProxyCommand=x/y json:{ json:{"driver":1} json:null'.split(
    ' ',
  ),
  ...String.raw`c:\x \\server\x :// a://b % %00 %zz " ' ; | = a=b , ,, : :x x: x:y:z @ # + - +x -x`.split(
    ' ',
  ),
  ...'NaN null undefined __proto__ constructor toString hasOwnProperty length true K 1K 0K'.split(
    ' ',
  ),
  ...'0 -1 -0 1e999 0x10 99999999999999999999 1.5 \u0661 size:desc:desc'.split(' '),
  ...'all:file: all:key: all:file:/ all:file:loop'.split(' '),
  'x'.repeat(5000),
];

const ODD = [...PATHS, ...WORDS];
/** What lists or asks for whole places, or waits for them: the folders here are enough. */
const WIDE = new Set(['/', '//', '..', '/proc/self', '/proc/self/']);
/** A libvirt is asked for each: the odd ones of these stand in one command line. */
const TOGETHER = new Set(['domain', 'connect', 'test', 'add']);

/** What takes a path; of the others each takes a part of what is odd. */
const PLACES = new Set([...TOGETHER, 'allow-root', 'key', 'formats', 'recursive']);

/** So many values go by for each that is tried: of a flag that no command had before, and of one that was tried there. */
const OWN_PART = 5;
const KNOWN_PART = 20;

const TOO_LONG_FOR_ONE = 100;

/** Every flag of every command that takes a value, with every odd value; and all of them as arguments. */
async function commandLines(): Promise<readonly (readonly string[])[]> {
  const lines: string[][] = [];
  /** What several commands have is one thing: all that is odd is tried of one of them, and a part of the others. */
  const known = new Set<object>();
  for (const [name, load] of Object.entries(COMMANDS)) {
    const words = name === 'df' ? [] : name.split(' ');
    const { flags = {}, args = {} } = await load();
    const isGuests = flags.timeout !== undefined;
    const base = isGuests ? [...words, '--timeout', '10', '--color', 'never'] : words;
    const image = isGuests ? [EXT4] : [];
    for (const [flag, definition] of Object.entries(flags)) {
      if (definition.type === 'boolean' || /^(?:timeout|color)$/u.test(flag)) continue;
      const part = known.has(definition) ? KNOWN_PART : PLACES.has(flag) ? 1 : OWN_PART;
      known.add(definition);
      const some = ODD.filter((_, index) => index % part === lines.length % part);
      const values = flag === 'recursive' ? some.filter((one) => !WIDE.has(one)) : some;
      // A process asks each libvirt.
      const asked = flag === 'connect' ? values.filter((_, index) => index % 16 === 3) : values;
      if (TOGETHER.has(flag)) lines.push([...base, ...asked.map((value) => `--${flag}=${value}`)]);
      if (TOGETHER.has(flag) && flag !== 'test') continue;
      lines.push(...values.map((value) => [...base, `--${flag}=${value}`, ...image]));
    }
    if (isGuests)
      lines.push([...base, '--', ...ODD], ...chunks(PATHS).map((some) => [...base, ...some]));
    else if (Object.keys(args).length > 0)
      lines.push(...ODD.map((value) => [...words, '--', value]));
  }
  lines.push(...ODD.map((value) => ['help', value]), ...ODD.map((value) => ['formats', value]));
  return lines;
}

function chunks(values: readonly string[]): string[][] {
  const count = Math.ceil(values.length / TOO_LONG_FOR_ONE);
  return Array.from({ length: count }, (_, index) =>
    values.slice(index * TOO_LONG_FOR_ONE, (index + 1) * TOO_LONG_FOR_ONE),
  );
}

describe('odd paths and words', { skip: noImages }, () => {
  const place = mkdtempSync(join(tmpdir(), 'virt-df-odd-'));
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? { uid: 65_534, gid: 65_534 } : {};
  before(() => {
    const at = (name: string) => join(place, name);
    for (const name of ['folder', 'locked']) mkdirSync(at(name));
    for (const name of ['file', 'new\nline', 'caf\u00e9', '-dash.img'])
      writeFileSync(at(name), 'x');
    copyFileSync(EXT4, at('locked/disk.qcow2'));
    symlinkSync('loop', at('loop'));
    symlinkSync('gone', at('dangling'));
    symlinkSync('locked/disk.qcow2', at('link-to-locked'));
    execFileSync('mkfifo', [at('fifo')]);
    chmodSync(at('locked'), isRoot ? 0o700 : 0);
    chmodSync(place, 0o755);
  });
  after(() => {
    chmodSync(join(place, 'locked'), 0o700);
    rmSync(place, { recursive: true });
  });

  test('typed wherever a value is taken, they are never a bug', async (t) => {
    const lines = await commandLines();
    t.diagnostic(`${lines.length} command lines`);
    assert.ok(lines.length > 1000);
    const path = join(place, 'stdout');
    const stdout = openSync(path, 'w');
    const { status, stderr } = spawnSync(process.execPath, [CHILD], {
      cwd: place,
      env: { ...ENV, LIBVIRT_DEFAULT_URI: 'test:///default' },
      input: JSON.stringify(lines),
      stdio: ['pipe', stdout, 'pipe'],
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      ...user,
    });
    closeSync(stdout);
    assert.equal(status, 0, stderr.slice(-2000));
    const bugs: readonly Bug[] = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '');
    assert.deepEqual(bugs, []);
    const rows = readFileSync(path, 'utf8').split('\n');
    assert.deepEqual(
      rows.filter((row) => /INTERNAL|this is a bug/u.test(row)),
      [],
    );
    assert.ok(rows.some((row) => row.includes('too many symbolic links')));
    assert.ok(rows.some((row) => /PERMISSION/u.test(row)));
  });

  test('bytes that are no UTF-8, as a shell passes them', () => {
    for (const bytes of ['\\377', '\\377/\\376', '/\\300\\200', 'a\\355\\240\\200']) {
      for (const args of [
        '"$0"',
        '-t "$0"',
        '--allow-root "$0"',
        '--formats "$0"',
        'chain "$0"',
        '--key "all:file:$0"',
      ]) {
        const command = `set -- "$(printf '${bytes}')"; exec "${process.execPath}" "${BIN}" ${args.replace('$0', '$1')}`;
        const options = {
          cwd: place,
          encoding: 'utf8',
          env: { ...ENV, LIBVIRT_DEFAULT_URI: 'test:///default' },
        } as const;
        const { status, stderr } = spawnSync('sh', ['-c', command], options);
        assert.ok([1, 2, 3].includes(status ?? -1), `${args} ${bytes}: ${status} ${stderr}`);
      }
    }
  });
});
