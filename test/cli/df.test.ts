// The command line from outside: what it prints where, and how it ends.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { violations } from '../report/schema.js';
import { BIN, ENV, EXT4, GPT, noImages, virtDf, XFS } from './support.js';

const schema: unknown = JSON.parse(readFileSync('docs/virt-df-1.schema.json', 'utf8'));
const skip = noImages;
const HINT = '(virt-df --help lists the flags)';

/** A folder for the time of one test. */
function folder(t: { after(clean: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'virt-df-test-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test('prints df-like columns to a pipe, with the kernel’s numbers', { skip }, () => {
  // f_blocks 56037, f_bfree 40453, f_bavail 35867 of 1024 bytes: images/ext4-default.expected.json
  assert.deepEqual(virtDf(['-t', EXT4]), {
    code: 0,
    stdout:
      'Filesystem                           1K-blocks       Used  Available  Use%\n' +
      'ext4-default.qcow2:/dev/sda              56037      15584      35867   31%\n',
    stderr: '',
  });
});

test('takes images as arguments, as URIs, and after --', { skip }, () => {
  const { stdout } = virtDf(['-t', EXT4]);
  for (const args of [[EXT4], [`file://${EXT4}`], ['df', '-t', EXT4], ['--', EXT4]]) {
    assert.deepEqual(virtDf(args), { code: 0, stdout, stderr: '' }, args.join(' '));
  }
});

test('what could not be read is a row with the reason, and exit code 1', { skip }, () => {
  const { code, stdout, stderr } = virtDf(['-t', '/nonexistent/a.img', '-t', EXT4]);
  assert.equal(code, 1);
  const rows = stdout.split('\n');
  assert.match(rows[1] ?? '', /^a\.img:\/dev\/sda +- +- +- +- NOT_FOUND: .*\/nonexistent\/a\.img/u);
  assert.match(rows[2] ?? '', /^ext4-default/u);
  assert.equal(stderr, '');
});

test('an image that is declared raw is told, and not followed', { skip }, () => {
  const { code, stdout } = virtDf(['--format', 'raw', '-t', EXT4]);
  assert.equal(code, 1);
  assert.match(
    stdout,
    / UNKNOWN_FILESYSTEM: .*; a qcow2 image begins so, but the disk is declared raw: /u,
  );
});

test('what is wrong is a sentence with the numbers', { skip }, (t) => {
  const noise = join(folder(t), 'noise.img');
  writeFileSync(noise, 'hello\n');
  const unknown = 'these 6 bytes begin with nothing that virt-df knows (virt-df formats list)';
  assert.ok(virtDf(['-t', noise]).stdout.includes(`UNKNOWN_FILESYSTEM: ${unknown}\n`));
  const short = join(folder(t), 'short.qcow2');
  writeFileSync(short, readFileSync(GPT).subarray(0, 30_000));
  assert.match(
    virtDf(['-t', short]).stdout,
    /TRUNCATED: qcow2: the file has 30000 bytes, but its tables need at least \d+: it is cut/u,
  );
});

test('exit code 1 when nothing matches or there is nothing', { skip }, (t) => {
  const none = virtDf(['-t', EXT4, '--type', 'xfs']);
  assert.deepEqual(
    [none.code, none.stderr],
    [1, 'virt-df: no filesystem matches; there is ext4\n'],
  );
  assert.match(virtDf(['-t', GPT, '--type', 'etx4,xfs']).stderr, /; there are ext2, ext4\n$/u);
  const blank = join(folder(t), 'blank.img');
  writeFileSync(blank, Buffer.alloc(1 << 20));
  const empty = virtDf(['-t', blank]);
  const note = 'virt-df: blank.img: no filesystem found; /dev/sda is empty (1048576 bytes)\n';
  assert.deepEqual([empty.code, empty.stderr], [1, note]);
  const beside = virtDf(['-t', EXT4, '-t', blank]);
  assert.deepEqual([beside.code, beside.stderr], [0, note]);
  assert.equal(virtDf(['-t', EXT4, '-t', blank, '--type', 'ext4']).stderr, '');
  assert.equal(virtDf(['-t', blank, '--classic']).code, 0);
});

const FORMATS =
  'auto, bochs, clonezilla, cloop, dmg, ewf, gzip, longhorn, luks, nrg, ova, parallels, partclone, qcow, qcow2, qed, raw, rawcd, simg, sparsebundle, split, vdi, vhdx, vmdk, vpc, xz, zstd';

test('usage errors are one line and exit code 2', () => {
  const wrong: readonly (readonly [string[], string])[] = [
    [['--foo'], `Nonexistent flag: --foo ${HINT}`],
    [
      ['-h', '--csv'],
      `you cannot use -h and --csv options together. Sizes in CSV are bytes. ${HINT}`,
    ],
    [['--json', '--csv'], `you cannot use --json and --csv options together. ${HINT}`],
    [['--csv', '--total'], `you cannot use --total and --csv options together. ${HINT}`],
    [['--classic', '--si'], `you cannot use -H and --classic options together. ${HINT}`],
    [
      ['-h', '--classic', '--csv'],
      `you cannot use -h and --csv options together. Sizes in CSV are bytes. ${HINT}`,
    ],
    [['-B', '0'], `invalid --block-size argument '0' ${HINT}`],
    [
      ['--output', 'guest,nowhere'],
      `there is no column 'nowhere'; --list-columns prints them ${HINT}`,
    ],
    [
      ['--sort', 'guest:up'],
      `--sort takes COLUMN, COLUMN:asc or COLUMN:desc, not 'guest:up' ${HINT}`,
    ],
    [['--format', 'vmkd'], `--format is one of ${FORMATS}, not 'vmkd'; did you mean vmdk? ${HINT}`],
    [['--same-guest'], `--same-guest is about images; give some with -t ${HINT}`],
    [['-P', 'x'], `--parallel: Expected an integer but received: x ${HINT}`],
    [['-t', ''], `an image needs a path; it is empty ${HINT}`],
    [[''], `a guest needs a name, a UUID or a glob; it is empty ${HINT}`],
    [
      ['formats', 'show'],
      'Missing 1 required arg: name, as formats list names it (virt-df formats show --help lists the flags)',
    ],
    [
      ['--formats', '/dev/null', '-t', EXT4],
      `the folder of formats /dev/null cannot be listed: it is no directory ${HINT}`,
    ],
    [['formats'], `it is one of: formats list, formats show, formats check ${HINT}`],
  ];
  for (const [args, message] of wrong) {
    const expected = { code: 2, stdout: '', stderr: `virt-df: ${message}\n` };
    assert.deepEqual(virtDf(args), expected, args.join(' '));
  }
  for (const args of [['-P', 'x'], ['--timeout', '-1'], ['--view', 'side'], ['-t']]) {
    const { code, stdout, stderr } = virtDf(args);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, /^virt-df: .+\n$/u, args.join(' '));
  }
});

test('--json and --ndjson are valid, and hold the same', { skip }, () => {
  const images = ['-t', EXT4, '-t', GPT, '-t', XFS, '-t', '/nonexistent/a.img'];
  const { code, stdout } = virtDf([...images, '--json']);
  assert.equal(code, 1);
  const document = JSON.parse(stdout);
  assert.deepEqual(violations(schema, '#', document), []);
  const lines = virtDf([...images, '--ndjson'])
    .stdout.trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const line of lines) assert.deepEqual(violations(schema, '#/$defs/line', line), []);
  const devices = (records: { guest: string; device: string }[]) =>
    records.map(({ guest, device }) => `${guest} ${device}`).sort();
  const filesystems = lines.filter(({ kind }) => kind === 'filesystem');
  assert.deepEqual(devices(filesystems), devices(document.filesystems));
  assert.equal(lines.at(-1).kind, 'summary');
});

test('filters, order and columns apply to every output', { skip }, () => {
  const images = ['-t', EXT4, '-t', GPT, '-t', XFS];
  const filter = [...images, '--type', 'ext4', '--type', 'xfs', '--sort', 'size:desc'];
  const { filesystems } = JSON.parse(virtDf([...filter, '--json']).stdout);
  const lists = virtDf([...images, '--type', 'ext4,xfs', '--sort', 'size:desc', '--json']).stdout;
  assert.deepEqual(JSON.parse(lists).filesystems, filesystems);
  const types = filesystems.map(({ type }: { type: string }) => type);
  assert.deepEqual(types, ['xfs', 'ext4', 'ext4']);
  const csv = virtDf([...filter, '--csv', '--output', 'guest,type,size_bytes']).stdout;
  const sizes = filesystems.map(
    (f: { guest: string; type: string; size_bytes: number }) =>
      `${f.guest},${f.type},${f.size_bytes}`,
  );
  assert.equal(csv, ['guest,type,size_bytes', ...sizes, ''].join('\n'));
  const without = virtDf([...images, '-x', 'ext4', '-T'])
    .stdout.split('\n')
    .slice(1, -1);
  assert.deepEqual(
    without.map((line) => line.split(/ +/u)[1]),
    ['ext2', 'xfs'],
  );
});

test('--type hides nothing that could not be read, unless its type is excluded', { skip }, () => {
  const luks = resolve('images/luks1-partition.qcow2');
  const types = (...args: string[]) => {
    const { code, stdout } = virtDf(['-t', EXT4, '-t', luks, '--csv', '--output', 'type', ...args]);
    return [code, ...stdout.trimEnd().split('\n').slice(1)];
  };
  const all = types();
  assert.deepEqual(types('--type', 'ext4'), all);
  assert.deepEqual(types('--type', 'xfs'), [1, 'crypto_LUKS']);
  assert.deepEqual(types('--type', 'ext4', '-x', 'crypto_LUKS'), [0, 'ext4']);
});

test('--classic counts what a read-only mount shows, and takes several images as one', {
  skip,
}, () => {
  const { code, stdout } = virtDf(['--classic', '--same-guest', '-t', EXT4, '-t', XFS]);
  assert.equal(code, 0);
  const [title, first, second] = stdout.split('\n');
  assert.equal(title, 'Filesystem                           1K-blocks       Used  Available  Use%');
  assert.match(first ?? '', /^ext4-default\.qcow2\+:\/dev\/sda +56037 +15584 +35867 +28%$/u);
  assert.match(second ?? '', /^ext4-default\.qcow2\+:\/dev\/sdb /u);
});

test('a reader that goes away is no failure', { skip }, async () => {
  for (const output of ['--ndjson', '--json']) {
    const images = Array.from({ length: 50 }, () => ['-t', EXT4]).flat();
    const child = spawn(process.execPath, [BIN, ...images, output], { env: ENV });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const [code] = await once(child, 'close');
    assert.deepEqual([code, stderr], [0, '']);
  }
});

test('a full disk is an error of its own', { skip: noImages || !existsSync('/dev/full') }, () => {
  const full = openSync('/dev/full', 'w');
  for (const args of [['-t', EXT4], ['--help'], ['help', 'formats'], ['--version']]) {
    const { status, stderr } = spawnSync(process.execPath, [BIN, ...args], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
      env: ENV,
    });
    assert.equal(status, 1);
    assert.match(stderr, /^virt-df: IO: the output could not be written: ENOSPC.*\n$/u);
  }
});

test('a name of an image reaches no output as it is', { skip }, (t) => {
  const evil = join(folder(t), 'a\u001b[31m\u202e.img');
  symlinkSync(EXT4, evil);
  for (const args of [[], ['--csv'], ['--json'], ['--ndjson'], ['--classic']]) {
    const { stdout, stderr } = virtDf(['-t', evil, ...args]);
    assert.doesNotMatch(stdout + stderr, /[^\P{C}\n]/u, args.join(' '));
    assert.match(stdout, /a\ufffd\[31m\ufffd\.img/u);
  }
});

test('the stack that --debug shows holds nothing as it is', () => {
  const { code, stderr } = virtDf(['--debug', '--sort', 'size:\u001b[2J\u202e']);
  assert.equal(code, 2);
  assert.match(stderr, /\n +at /u);
  assert.doesNotMatch(stderr, /[^\P{C}\n]/u);
});

test('the environment sets flags, and df’s own variables the unit', { skip }, () => {
  const size = (env: NodeJS.ProcessEnv, ...args: string[]) =>
    virtDf(['-t', EXT4, ...args], env)
      .stdout.split('\n')[1]
      ?.split(/ +/u)[1];
  assert.equal(size({ DF_BLOCK_SIZE: '1' }), String(56037 * 1024));
  assert.equal(size({ BLOCKSIZE: '512' }), String(56037 * 2));
  assert.equal(size({ DF_BLOCK_SIZE: 'nonsense' }), '56037');
  assert.equal(size({ DF_BLOCK_SIZE: '1' }, '-k'), '56037');
  assert.equal(size({}, '-h', '-k', '-BM'), '55M');
  assert.equal(size({}, '-BM', '-h'), '55M');
  assert.equal(size({}, '-k', '--si'), '58M');
  assert.match(
    virtDf(['-t', EXT4], { VIRT_DF_OUTPUT: 'device,label' }).stdout,
    /^Device +Label\n/u,
  );
  assert.equal(virtDf(['-t', EXT4], { VIRT_DF_VIEW: 'side' }).code, 2);
  assert.equal(virtDf(['-t', EXT4, '--json'], { VIRT_DF_OUTPUT: 'device' }).code, 0);
});

test('--version, --help and --list-columns need no guest', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  assert.deepEqual(virtDf(['--version']), { code: 0, stdout: `virt-df ${version}\n`, stderr: '' });
  const columns = virtDf(['--list-columns']);
  assert.match(columns.stdout, /^avail_bytes +f_bavail: for users \(also: avail\)$/mu);
  const help = virtDf(['--help']);
  assert.deepEqual([help.code, help.stderr], [0, '']);
  const source = ['src/cli/df/flags.ts', 'src/cli/shared-flags.ts']
    .map((path) => readFileSync(path, 'utf8'))
    .join('');
  const flags = [...source.matchAll(/^ {2}'?([a-z-]+)'?: Flags\./gmu)].map(([, name]) => name);
  assert.ok(flags.length > 25);
  for (const flag of flags) assert.match(help.stdout, new RegExp(`--${flag}\\b`, 'u'));
  assert.match(help.stdout, /^ {2}virt-df formats check /mu);
  assert.match(virtDf(['formats', 'show', '--help']).stdout, /virt-df formats show NAME/u);
});

test('--debug says what was read', { skip }, () => {
  const { stderr } = virtDf(['-t', EXT4, '--debug']);
  assert.match(stderr, /^virt-df: ext4-default\.qcow2: \d+ reads, \d+ bytes\n$/u);
});

test('images are read although libvirt beside them does not answer', { skip: noImages }, () => {
  const result = virtDf(['-t', EXT4, '-c', 'nosuchdriver:///', '--json']);
  assert.equal(result.code, 1);
  const { filesystems, problems } = JSON.parse(result.stdout);
  assert.equal(filesystems.length, 1);
  assert.equal(problems.length, 1);
  assert.match(problems[0].code, /^LIBVIRT/u);
});

test("the host's columns are those of the image that a row lies on", { skip }, () => {
  const { size, blocks } = statSync(EXT4);
  const columns = 'device,capacity,allocation,physical,format,chain';
  const { stdout } = virtDf(['-t', EXT4, '--csv', '--output', columns]);
  const [header, row] = stdout.split('\n');
  assert.equal(header, 'device,capacity_bytes,allocation_bytes,physical_bytes,format,chain');
  const { guests, filesystems } = JSON.parse(virtDf(['-t', EXT4, '--json']).stdout);
  const [disk] = guests[0].disks;
  assert.equal(row, `/dev/sda,${disk.capacity_bytes},${blocks * 512},${size},qcow2,1`);
  for (const name of ['capacity_bytes', 'allocation_bytes', 'physical_bytes', 'format', 'chain']) {
    assert.equal(filesystems[0][name], disk[name]);
  }
});
