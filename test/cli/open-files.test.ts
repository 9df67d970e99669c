// A guest whose images lie in very many files: it has its own row, and the guests beside it have theirs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BIN, ENV, EXT4, noImages } from './support.js';

/** Of the process; an eighth of it is a guest's. */
const MAX_OPEN_FILES = 1600;
const OWN_FILES = MAX_OPEN_FILES / 8;
const SECTORS = 8;

/** A disk of flat extents, each in a file of its own. */
function diskOfParts(folder: string, count: number): string {
  mkdirSync(folder);
  const names = Array.from({ length: count }, (_, i) => `part-${i}`);
  for (const name of names) writeFileSync(join(folder, name), new Uint8Array(SECTORS * 512));
  const path = join(folder, 'disk.vmdk');
  const extents = names.map((name) => `RW ${SECTORS} FLAT "${name}" 0`).join('\n');
  const head = 'version=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType="twoGbMaxExtentFlat"';
  writeFileSync(path, `# Disk DescriptorFile\n${head}\n${extents}\n`);
  return path;
}

test('a guest of more files than one may have open leaves some for the others', {
  skip: noImages,
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-files-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const many = [1, 2].map((n) => diskOfParts(join(folder, `many-${n}`), OWN_FILES + 20));
  const few = diskOfParts(join(folder, 'few'), OWN_FILES - 20);
  for (const images of [
    [...many, few, EXT4],
    [...many, few, EXT4, ...many, EXT4],
  ]) {
    const script = `ulimit -n ${MAX_OPEN_FILES} && exec "$0" "$@"`;
    const { stdout, status } = spawnSync(
      'sh',
      ['-c', script, process.execPath, BIN, '--json', ...images],
      { encoding: 'utf8', env: ENV },
    );
    assert.equal(status, 1);
    const { problems, filesystems, volumes }: Output = JSON.parse(stdout);
    const count = (wanted: readonly string[]) =>
      images.filter((one) => wanted.includes(one)).length;
    const codes = problems.map(({ code }) => code);
    assert.deepEqual(codes, new Array(count(many)).fill('LIMIT'));
    const used = filesystems.flatMap(({ used_bytes }) => used_bytes ?? []);
    assert.equal(used.length, count([EXT4]));
    assert.deepEqual(
      volumes.map(({ type }) => type),
      new Array(count([few])).fill('empty'),
    );
  }
});

interface Output {
  readonly problems: readonly { readonly code: string }[];
  readonly filesystems: readonly { readonly used_bytes: number | null }[];
  readonly volumes: readonly { readonly type: string }[];
}
