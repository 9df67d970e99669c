// Disks over parts: what names join, and what they must not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { qcow2Image } from './qcow2-header.js';
import { type Folder, inFolder, outcome, withDisks } from './wrapper-files.js';

const SIZE = 4096;

/** Parts of one size, each filled with its ending. */
async function parts({ write }: Folder, ...names: readonly string[]): Promise<void> {
  for (const name of names) await write(name, Buffer.alloc(SIZE, name.at(-1)));
}

/** How many parts were joined. */
async function joined(folder: Folder, name: string, format: string = 'auto'): Promise<number> {
  return withDisks(folder.path(name), ([disk]) => (disk?.content.sizeBytes ?? 0) / SIZE, format);
}

test('the first part of a row of equal parts is the disk; a part alone, or a later one, is what it holds', () =>
  inFolder(async (folder) => {
    await parts(
      folder,
      'a.001',
      'a.002',
      'a.003',
      'b.001',
      'c.aa',
      'c.ab',
      'd.000',
      'd.001',
      'd.002',
    );
    assert.equal(await joined(folder, 'a.001'), 3);
    assert.equal(await joined(folder, 'a.002'), 1);
    assert.equal(await joined(folder, 'b.001'), 1);
    assert.equal(await joined(folder, 'c.aa'), 2);
    assert.equal(await joined(folder, 'd.000'), 3);
    assert.equal(await joined(folder, 'd.001'), 1, 'the second of .000');
    assert.equal(await joined(folder, 'a.001', 'raw'), 1, 'what is declared is believed');
    await withDisks(folder.path('a.001'), ([disk]) => {
      assert.equal(disk?.layer.path, folder.path('a.001'));
      assert.equal(disk?.layer.files[0]?.physicalBytes, 3 * SIZE);
    });
  }));

test('endings count on: .009 and .010, .az and .ba', () =>
  inFolder(async (folder) => {
    const numbers = Array.from({ length: 12 }, (_, i) => `n.${String(i + 1).padStart(3, '0')}`);
    const letters = Array.from({ length: 28 }, (_, i) =>
      String.fromCharCode(97 + Math.floor(i / 26), 97 + (i % 26)),
    );
    await parts(folder, ...numbers, ...letters.map((ending) => `l.${ending}`));
    assert.equal(await joined(folder, 'n.001'), 12);
    assert.equal(await joined(folder, 'l.aa'), 28);
  }));

test('a part that is missing is named', () =>
  inFolder(async (folder) => {
    await parts(folder, 'a.001', 'a.002', 'a.004', 'b.000', 'b.002');
    const isMissing = (name: string) => ({ code: 'NOT_FOUND', message: new RegExp(name, 'u') });
    await assert.rejects(joined(folder, 'a.001'), isMissing('a\\.003'));
    await assert.rejects(joined(folder, 'b.000'), isMissing('b\\.001'));
    await assert.rejects(joined(folder, 'a.002', 'split'), { code: 'INVALID' });
  }));

test('files of other sizes, images and overlays that are numbered are not joined', () =>
  inFolder(async (folder) => {
    const { write, path } = folder;
    await parts(folder, 'a.001', 'b.001', 'c.001', 'd.001');
    await write('a.002', Buffer.alloc(2 * SIZE));
    assert.equal(await joined(folder, 'a.001'), 1);
    await write('b.002', Buffer.alloc(100));
    assert.equal(await joined(folder, 'b.001'), 1 + 100 / SIZE, 'the last part is what is left');
    const overlay = qcow2Image({ backingFile: 'c.001', backingFormat: 'raw', clusterBits: 10 });
    await write('c.002', Buffer.concat([overlay, Buffer.alloc(SIZE)]).subarray(0, SIZE));
    assert.equal(await joined(folder, 'c.001'), 1);
    await write('e.001', qcow2Image({ clusterBits: 12 }));
    await write('e.002', qcow2Image({ clusterBits: 12 }));
    await withDisks(path('e.001'), ([disk]) => assert.equal(disk?.layer.format, 'qcow2'));
    await folder.shell('ln -s /etc/passwd d.002; mkdir f.001 2>/dev/null || true');
    assert.equal(await outcome(path('d.001')), 'NOT_ALLOWED');
  }));
