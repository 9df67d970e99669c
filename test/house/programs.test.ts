// Every program that a test runs comes from a Debian package that .ci/run installs, so that a new machine skips no test
// and fails none.
// References: Debian policy 2.5 (priorities), dpkg-query(1)
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { test } from 'node:test';
import { hasTool, missing, toolEnv } from '../tools.js';

/** The packages of .ci/run, each with the programs that tests run. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'qemu-utils': ['qemu-img', 'qemu-io', 'qemu-nbd'],
  tgt: ['tgtd', 'tgtadm'],
  'qemu-system-x86': ['qemu-system-x86_64'],
  'qemu-system-common': ['qemu-storage-daemon'],
  'libvirt-daemon-system': ['libvirtd', 'virtlogd'],
  'libvirt-clients': ['virsh'],
  'cryptsetup-bin': ['cryptsetup'],
  dislocker: ['dislocker-file'],
  e2fsprogs: ['mke2fs', 'mkfs.ext4', 'debugfs', 'dumpe2fs'],
  xfsprogs: ['mkfs.xfs'],
  'btrfs-progs': ['mkfs.btrfs'],
  lvm2: [
    ...['pvcreate', 'pvchange', 'pvs', 'vgcreate', 'vgcfgbackup', 'vgcfgrestore'],
    ...['lvcreate', 'lvchange', 'lvextend', 'lvremove', 'lvs', 'lvm'],
  ],
  gdisk: ['sgdisk'],
  fdisk: ['fdisk', 'sfdisk'],
  parted: ['parted'],
  dosfstools: ['mkfs.fat', 'mkfs.vfat'],
  exfatprogs: ['mkfs.exfat'],
  'ntfs-3g': ['mkntfs', 'ntfsclone', 'ntfscp', 'ntfsinfo'],
  wimtools: ['wimcapture'],
  ncdu: ['ncdu'],
  'nginx-light': ['nginx'],
  nbdkit: ['nbdkit'],
  'openssh-server': ['sshd'],
  'openssh-client': ['ssh', 'ssh-keygen'],
  'squashfs-tools': ['mksquashfs', 'unsquashfs'],
  'erofs-utils': ['mkfs.erofs', 'dump.erofs'],
  xorriso: ['xorriso'],
  genisoimage: ['genisoimage', 'isoinfo'],
  genromfs: ['genromfs'],
  reiserfsprogs: ['mkreiserfs'],
  tabix: ['bgzip'],
  dictzip: ['dictzip'],
  'xz-utils': ['xz'],
  zstd: ['zstd', 'pzstd'],
  pigz: ['pigz'],
  'ewf-tools': ['ewfacquire', 'ewfacquirestream'],
  '7zip': ['7zz'],
  strace: ['strace'],
  'python3-vmdkstream': ['python3'],
  jfsutils: ['mkfs.jfs'],
  'nilfs-tools': ['mkfs.nilfs2'],
  'ocfs2-tools': ['mkfs.ocfs2'],
  'f2fs-tools': ['mkfs.f2fs', 'dump.f2fs'],
  hfsutils: ['hformat'],
  'bcache-tools': ['make-bcache'],
  udftools: ['mkudffs'],
  bximage: ['bximage'],
  'android-sdk-libsparse-utils': ['img2simg', 'simg2img', 'append2simg'],
  bchunk: ['bchunk'],
  iat: ['iat'],
  'cloop-utils': ['create_compressed_fs'],
  dmg2img: ['dmg2img'],
  bzip2: ['bzip2'],
  lz4: ['lz4'],
  openssl: ['openssl'],
  iproute2: ['ip'],
  cpio: ['cpio'],
  partclone: [
    ...['partclone.imager', 'partclone.restore', 'partclone.info'],
    ...['partclone.ext4', 'partclone.vfat', 'partclone.ntfs'],
  ],
};

/** Packages of .ci/run that no test runs a program of. */
const OTHERS: Readonly<Record<string, string>> = {
  libvirt0: 'the library that the program itself opens',
  eatmydata: '.ci/run runs it',
  kmod: '.ci/run runs depmod',
  'qemu-block-extra': 'the driver of iSCSI, which qemu-nbd loads',
  'util-linux-extra':
    'has mkfs.bfs, mkfs.cramfs and mkfs.minix from Debian 13 on; before, util-linux has them',
};

/** What tests may run of a Debian without any package added: essential, or of the priority `required`. */
const BASE: Readonly<Record<string, readonly string[]>> = {
  bash: ['bash'],
  // What runs the tests.
  nodejs: ['node'],
  bsdutils: ['script'],
  coreutils: [
    ...[
      'base64',
      'cat',
      'chmod',
      'cp',
      'cut',
      'dd',
      'df',
      'dirname',
      'du',
      'echo',
      'expr',
      'false',
    ],
    ...[
      'groups',
      'head',
      'id',
      'link',
      'ln',
      'mkdir',
      'mkfifo',
      'mv',
      'printf',
      'seq',
      'sleep',
      'split',
    ],
    ...['stdbuf', 'stty', 'tail', 'touch', 'true', 'truncate'],
  ],
  dash: ['sh'],
  dpkg: ['dpkg-deb'],
  grep: ['grep'],
  gzip: ['gzip'],
  mount: ['losetup', 'mount', 'umount'],
  sed: ['sed'],
  tar: ['tar'],
  'util-linux': [
    ...['blkid', 'mkfs.bfs', 'mkfs.cramfs', 'mkfs.minix', 'mkswap', 'partx', 'setpriv', 'wipefs'],
    'unshare',
  ],
};

/** Words that begin a text of the tests and are also names of programs, which no test runs: `convert` of `qemu-img`. */
const ONLY_WORDS = new Set([
  ...['as', 'convert', 'dir', 'file', 'free', 'hostname', 'idle', 'less', 'more', 'size', 'sum'],
  ...['test', 'time', 'top', 'unzip', 'users', 'view', 'w', 'which', 'who', 'write'],
  ...['clear', 'diff', 'join', 'ls', 'mkisofs', 'mountpoint'],
  // What a guest runs that a test has booted.
  ...['pidof', 'sync'],
  // Names of protocols.
  ...['gluster', 'rbd'],
  // Names of packages, of a type, of options.
  ...['btrfs', 'dislocker', 'gdisk', 'lzma', 'mtools', 'ntfs-3g', 'tabix', 'dpkg'],
  // The shell's own.
  'kill',
  // Ours, as guestfs-tools calls one of its own.
  'virt-df',
]);

const installed = /^packages=\(([^)]*)\)/mu.exec(readFileSync('.ci/run', 'utf8'))?.[1] ?? '';
const packages = installed.trim().split(/\s+/u);
const known = new Map(
  Object.entries({ ...PROGRAMS, ...BASE }).flatMap(([name, programs]) =>
    programs.map((program) => [program, name] as const),
  ),
);

const tests = readdirSync('test', { recursive: true })
  .map((name) => join('test', String(name)))
  .filter((path) => path.endsWith('.ts') && !path.startsWith('test/house/'));
/** The script that runs the tests, and the pages whose commands they run. */
const others = ['scripts/test-services.sh', 'docs/adding-a-filesystem.md', 'docs/remote-disks.md'];

/** Texts of TypeScript, templates too. */
const TEXT = /'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`|"((?:[^"\\\n]|\\.)*)"/gu;
/** Where a program's name stands in what may be commands for a shell: first, or behind what parts two of them. */
const COMMAND = /(?:^|[;|&(\n]|--filter ")[ \t]*(?:exec )?([a-z0-9][\w.+-]*)(?=[\s;|)]|$)/gu;
/** `execFileSync('mkntfs', …`, `run('/usr/bin/python3', …`: what is named so is run for certain. */
const CALL = /\b(?:spawn|spawnSync|execFile|execFileSync)\(\s*'(?:[^']*\/)?([^'/]+)'/gu;

/** The words of a file that may be programs: those that begin its texts, and each command in them. */
function words(path: string): ReadonlySet<string> {
  const text = readFileSync(path, 'utf8');
  const commands = path.endsWith('.ts')
    ? [...text.matchAll(TEXT)].map(([, one, template, two]) => one ?? template ?? two ?? '')
    : text.split('\n').map((line) => line.replace(/^\s*(?:\$|start|command -v) /u, ''));
  return new Set(
    commands
      .map((command) => command.replace(/^\/usr\/s?bin\//u, ''))
      .flatMap((command) => [...command.matchAll(COMMAND)].map(([, word = '']) => word)),
  );
}

/** `missing({ bgzip: 'tabix' })` and the tables that it is given. */
function needs(text: string): readonly { readonly program: string; readonly name: string }[] {
  const pairs = text.matchAll(/(?:'([\w.-]+)'|\b(\w+)): '([a-z0-9][a-z0-9.+-]+)'/gu);
  return [...pairs].map(([, quoted, bare, name = '']) => ({ program: quoted ?? bare ?? '', name }));
}

test('administrators’ tools are on the path of each test, programs of npm’s packages are not', () => {
  const folders = (process.env.PATH ?? '').split(delimiter);
  assert.ok(folders.includes('/usr/sbin'), process.env.PATH);
  assert.deepEqual(
    folders.filter((folder) => folder.includes('node_modules')),
    [],
  );
});

test('the package of every program that a test runs is known', () => {
  const unknown = [...tests, ...others].flatMap((path) =>
    [...words(path)]
      .filter((word) => hasTool(word) && !known.has(word) && !ONLY_WORDS.has(word))
      .map((word) => `${path}: ${word}`),
  );
  const called = tests.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(CALL)]
      .filter(([, word = '']) => !known.has(word))
      .map(([, word]) => `${path}: ${word}`),
  );
  assert.deepEqual([...unknown, ...called], []);
});

test('.ci/run installs the packages of all programs that tests run, and no others', () => {
  assert.deepEqual([...packages].sort(), Object.keys({ ...PROGRAMS, ...OTHERS }).sort());
});

test('of each program in the list a test makes use', () => {
  const used = new Set([...tests, ...others].flatMap((path) => [...words(path)]));
  for (const path of tests) {
    for (const { program } of needs(readFileSync(path, 'utf8'))) used.add(program);
  }
  assert.deepEqual(
    [...known.keys()].filter((program) => !used.has(program)),
    [],
  );
});

test('a test that says which package has its program names the one in the list', () => {
  const wrong = tests.flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    const asked = [...text.matchAll(/\bmissing\(\{([^}]*)\}\)/gu)].map(([, tools = '']) => tools);
    // Of other tables, which may be given to it, only what names a package of the list: `{ tool, package: 'xfsprogs' }`.
    const pairs = [
      ...needs(text).filter(
        ({ program, name }) => Object.hasOwn(PROGRAMS, name) && program !== 'package',
      ),
      ...needs(asked.join()),
    ];
    return pairs
      .filter(({ program, name }) => known.get(program) !== name)
      .map(({ program, name }) => `${path}: ${program} is not of ${name}`);
  });
  assert.deepEqual(wrong, []);
});

function dpkgQuery(...args: readonly string[]): readonly string[] {
  const options = { encoding: 'utf8', env: toolEnv, maxBuffer: 2 ** 26 } as const;
  return spawnSync('dpkg-query', args, options).stdout.split('\n');
}

/** What each installed package depends on, as its control file says. */
function dependencies(): ReadonlyMap<string, readonly string[]> {
  const fields = ['Package', 'Depends', 'Pre-Depends'].map((field) => `\${${field}} `);
  const lines = dpkgQuery('-W', `-f=${fields.join('')}\n`);
  return new Map(
    lines.map((line) => {
      const [name = '', ...needed] = line.split(/\([^)]*\)|[\s,|]+/u);
      return [name, needed.map((one) => one.replace(/:any$/u, ''))];
    }),
  );
}

test('the programs are of these packages, or of ones that come with them', {
  skip: missing({ 'dpkg-query': 'dpkg' }),
}, () => {
  const folders = ['/bin', '/sbin', '/usr/bin', '/usr/sbin'];
  const paths = [...known.keys()].flatMap((program) => folders.map((at) => join(at, program)));
  const owners = dpkgQuery('-S', ...paths).map((line) => line.split(': '));
  const needs = dependencies();
  const wrong = [...known].filter(([program, name]) => {
    const found = owners.filter(([, path = '']) => basename(path) === program);
    const direct = needs.get(name) ?? [];
    const near = new Set([name, ...direct, ...direct.flatMap((one) => needs.get(one) ?? [])]);
    return found.length > 0 && !found.some(([owner = '']) => near.has(owner));
  });
  assert.deepEqual(wrong, []);
});
