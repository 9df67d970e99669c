// `formats list`, `formats show` and `formats check`.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { catalog } from '../../generated/catalog.js';
import { checkFormat } from '../../src/cli/formats/check.js';
import { listFormats } from '../../src/cli/formats/list.js';
import { showFormat } from '../../src/cli/formats/show.js';
import { containers, rawEntry } from '../../src/container/registry.js';
import { oldUnixImage } from '../filesystem/old-unix-image.js';
import { ksy } from './hostile-ksy.js';

let folder: string;
let environment: Record<string, string>;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'virt-df-commands-'));
  environment = { XDG_CONFIG_HOME: join(folder, 'config'), XDG_CACHE_HOME: join(folder, 'cache') };
});
after(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, 0o644);
  return path;
}

const list = (folders: string[], json: boolean) =>
  listFormats({ folders, environment, json, width: null, hasUnicode: true });

describe('formats list', () => {
  it('names every specification of every layer', async () => {
    const { stdout, stderr, exitCode } = await list([], false);
    assert.equal(stderr, '');
    assert.equal(exitCode, 0);
    for (const layer of readdirSync('formats')) {
      const files = readdirSync(join('formats', layer), { recursive: true, encoding: 'utf8' });
      for (const file of files.filter((path) => path.endsWith('.ksy'))) {
        const name = basename(file, '.ksy');
        const line = new RegExp(
          `^${name} +${layer} .* built-in .* formats/${layer}/${file}$`,
          'mu',
        );
        assert.match(stdout, line);
      }
    }
  });

  it('says where a format is detected and how far it is understood', async () => {
    const { stdout } = await list([], false);
    assert.match(stdout, /^squashfs .* usage .* "hsqs" at 0x0 and 04 00 at 0x1c /mu);
    assert.match(stdout, /^coherent .* detected only /mu);
    assert.match(stdout, /^swsuspend +filesystem +other +layout /mu);
  });

  it('has the formats without a specification, and no others', async () => {
    const { stdout } = await list([], false);
    const bare = stdout.matchAll(/^(\S+) +container +container +layout +built-in +- +-$/gmu);
    const specified = new Set(catalog.map(({ name }) => name));
    const lacking = [rawEntry, ...containers].filter(
      ({ specs }) => !specs.some((name) => specified.has(name)),
    );
    assert.deepEqual(
      [...bare].map(([, name]) => name),
      lacking.map(({ name }) => name),
    );
  });

  it('tells signatures at the end of a file from those at its beginning', async () => {
    assert.match((await list([], false)).stdout, /^dmg .* "koly" at 0x200 from the end /mu);
  });

  it('has the formats of the user, and says which are left out', async () => {
    put('hostile.ksy', ksy());
    put('broken.ksy', ksy());
    const { stdout, stderr, exitCode } = await list([folder], true);
    const { formats } = JSON.parse(stdout);
    const found = formats.find(({ name }: { name: string }) => name === 'hostile');
    assert.deepEqual(found, {
      name: 'hostile',
      title: 'A test',
      layer: 'filesystem',
      kind: 'filesystem',
      understood: 'usage',
      detected: ['"HOSTILE!" at 0x0'],
      license: 'CC0-1.0',
      origin: 'user',
      specification: join(folder, 'hostile.ksy'),
    });
    assert.match(stderr, /^virt-df: warning: .*broken\.ksy:2:7: .*must be the name of the file/u);
    assert.equal(exitCode, 1);
  });
});

describe('formats show', () => {
  it('prints the specification as it is', async () => {
    const { stdout } = await showFormat('minix', { folders: [], environment });
    assert.equal(stdout, readFileSync('formats/filesystem/minix.ksy', 'utf8'));
  });

  it('prints that of a container by each of its words', async () => {
    for (const [word, spec] of [
      ['ova', 'tar'],
      ['vhd', 'vpc'],
      ['e01', 'ewf'],
      ['vmdk_cowd', 'vmdk_cowd'],
    ]) {
      const { stdout } = await showFormat(word ?? '', { folders: [], environment });
      assert.match(stdout, new RegExp(`^  id: ${spec}$`, 'mu'));
    }
    const raw = showFormat('raw', { folders: [], environment });
    await assert.rejects(raw, { code: 'USAGE', message: /raw has no structure to specify/u });
  });

  it('prints that of a user', async () => {
    put('hostile.ksy', ksy());
    const { stdout } = await showFormat('hostile', { folders: [folder], environment });
    assert.equal(stdout, ksy());
  });

  it('knows what it does not know', async () => {
    const options = { folders: [], environment };
    for (const name of ['nothing', '__proto__', '../../package', '\x1b[2J']) {
      await assert.rejects(showFormat(name, options), { code: 'USAGE', message: /formats list/u });
    }
  });
});

describe('formats check', () => {
  const options = { image: null, imageFormat: 'raw', offsetBytes: 0 };
  const check = (path: string, more: Partial<Parameters<typeof checkFormat>[1]> = {}) =>
    checkFormat(path, { ...options, environment, ...more });

  it('accepts what is built in', async () => {
    const { stdout, exitCode } = await check('formats/filesystem/romfs.ksy');
    assert.equal(stdout, 'formats/filesystem/romfs.ksy: romfs, Romfs, understood: usage\n');
    assert.equal(exitCode, 0);
  });

  it('names the line of a mistake', async () => {
    const path = put('hostile.ksy', ksy().replace('type: u4', 'type: u5'));
    const { stdout, exitCode } = await check(path);
    assert.match(stdout, /hostile\.ksy:20:11: \/seq\/1\/type: /u);
    assert.equal(exitCode, 1);
  });

  it('is a usage error when there is no such file', async () => {
    await assert.rejects(check(join(folder, 'missing.ksy')), { code: 'BAD_FORMAT_FILE' });
  });

  it('prints what it reads at an offset of an image', async () => {
    const sysv = oldUnixImage({
      kind: 'sysv4',
      isBigEndian: false,
      blockSizeBytes: 1024,
      zoneCount: 400,
      firstDataZone: 10,
      freeZoneCount: 33,
      fileCount: 5,
    });
    const image = put('image', Buffer.concat([Buffer.alloc(1536), sysv]));
    const more = { image, offsetBytes: 1536 };
    const { stdout, stderr, exitCode } = await check('formats/filesystem/sysv.ksy', more);
    assert.equal(stderr, '');
    assert.equal(exitCode, 0);
    assert.match(stdout, /^blocks +390$/mu);
    assert.match(stdout, /^inodes-free +0 \+ the sum over 126 records of 64 bytes at byte 2176$/mu);
    assert.match(
      stdout,
      /^f_bsize 1024 {3}f_blocks 390 {3}f_bfree 33 .* f_files 128 {3}f_ffree 121$/mu,
    );
    assert.match(stdout, /\/dev\/sda .*sysv +390 +357 +33 +92%$/mu);
  });

  it('says when the image has no signature, or is not there', async () => {
    const empty = await check('formats/filesystem/sysv.ksy', { image: put('empty', '') });
    assert.match(empty.stderr, /no signature of sysv/u);
    assert.equal(empty.exitCode, 1);
    const missing = await check('formats/filesystem/sysv.ksy', { image: join(folder, 'missing') });
    assert.equal(missing.exitCode, 1);
  });
});
