// What is only recognised: files of the real tools, and the bytes that other makers write, are refused with the sentence of
// what opens them; what only imitates them, or is declared, is a disk.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog } from '../../generated/catalog.js';
import { refusedFormats } from '../../src/container/refused.js';
import { missing } from '../tools.js';
import { imitations, samples } from './refused-samples.js';
import { inFolder, outcome, withDisks } from './wrapper-files.js';

const skip = missing({
  ...{ bzip2: 'bzip2', '7zz': '7zip', lz4: 'lz4', xz: 'xz-utils', 'dpkg-deb': 'dpkg' },
  ...{ mkntfs: 'ntfs-3g', ntfsclone: 'ntfs-3g', wimcapture: 'wimtools' },
});

/** What makes a file, and a part of the refusal, which has the file's path where `FILE` stands. */
const makers: readonly (readonly [file: string, makes: string, says: string])[] = [
  ['disk.bz2', 'bzip2 -k disk', '`bunzip2 -k FILE`'],
  ['disk.zip', '7zz a -tzip disk.zip disk', '`unzip FILE`'],
  ['disk.7z', '7zz a disk.7z disk', '`7z x FILE`'],
  ['disk.lz4', 'lz4 -q disk disk.lz4', '`unlz4 -k FILE`'],
  ['legacy.lz4', 'lz4 -q -l disk legacy.lz4', '`unlz4 -k FILE`'],
  ['disk.lzma', 'xz -k --format=lzma disk', '`unlzma -k FILE`'],
  [
    'a.deb',
    'mkdir -p p/DEBIAN; echo "Package: a\nVersion: 1\nArchitecture: all\nMaintainer: m\nDescription: d" > p/DEBIAN/control; dpkg-deb -b p a.deb',
    '`dpkg-deb -x FILE DIRECTORY`',
  ],
  [
    'ntfs.img',
    'truncate -s 8M ntfs; mkntfs -q -F ntfs; ntfsclone -q --save-image -o ntfs.img ntfs',
    '`ntfsclone --restore-image --overwrite disk.raw FILE`',
  ],
  ['files.wim', 'mkdir files; cp disk files; wimcapture files files.wim', 'no disk'],
];

test('files of the real tools are refused with what opens them', { skip }, () =>
  inFolder(async ({ path, write, shell }) => {
    await write('disk', Buffer.alloc(1_000_000, 'disk'));
    for (const [file, makes, says] of makers) {
      await shell(makes);
      await assert.rejects(
        withDisks(path(file), () => null),
        ({ code, message }: { code?: string; message: string }) => {
          const wanted = says.replace('FILE', path(file));
          assert.deepEqual([code, message.includes(wanted)], ['UNSUPPORTED_FORMAT', true], message);
          return true;
        },
      );
    }
  }),
);

test('every format that is only recognised is, by its own name, and says what opens it', () =>
  inFolder(async ({ path, write }) => {
    assert.deepEqual(refusedFormats.map(({ name }) => name).sort(), Object.keys(samples).sort());
    for (const { name } of refusedFormats) {
      for (const sample of samples[name] ?? []) {
        const isAtEnd = name === 'aff4' && sample.length > 900;
        await write('file', isAtEnd ? sample : Buffer.concat([sample, Buffer.alloc(5000)]));
        await assert.rejects(
          withDisks(path('file'), () => null),
          ({
            code,
            message,
            data,
          }: {
            code: string;
            message: string;
            data: { format: string };
          }) => {
            assert.deepEqual([code, data.format], ['UNSUPPORTED_FORMAT', name], message);
            const { title = '' } = catalog.find((spec) => spec.name === name) ?? {};
            assert.ok(
              title !== '' && message.includes(title) && !/\bFILE\b/u.test(message),
              message,
            );
            return true;
          },
          name,
        );
        assert.equal(await outcome(path('file'), 'raw'), 'read', name);
      }
    }
  }));

test('a disk that only begins as one of them does is a disk', () =>
  inFolder(async ({ path, write }) => {
    for (const [i, start] of imitations.entries()) {
      await write('disk', Buffer.concat([start, Buffer.alloc(4096)]));
      assert.equal(await outcome(path('disk')), 'read', `${i}: ${start.toString('latin1')}`);
    }
  }));

test('files that are shorter than their signature are disks', () =>
  inFolder(async ({ path, write }) => {
    for (const [name, [sample = Buffer.alloc(0)] = []] of Object.entries(samples)) {
      await write('disk', sample.subarray(0, 2));
      assert.equal(await outcome(path('disk')), 'read', name);
    }
  }));
