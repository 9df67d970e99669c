// What cannot be read at random and is not unpacked: files of the real tools are refused with the command that unpacks them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../tools.js';
import { inFolder, outcome, withDisks } from './wrapper-files.js';

const skip = missing({ bzip2: 'bzip2', '7zz': '7zip', lz4: 'lz4' });

/** What packs `disk`, and the command that the refusal names. */
const packers: readonly (readonly [file: string, packs: string, unpacks: string])[] = [
  ['disk.bz2', 'bzip2 -k disk', 'bunzip2 -k'],
  ['disk.zip', '7zz a -tzip disk.zip disk', 'unzip'],
  ['disk.7z', '7zz a disk.7z disk', '7z x'],
  ['disk.lz4', 'lz4 -q disk disk.lz4', 'unlz4 -k'],
];

test('archives and compressed files are refused with the command to run', { skip }, () =>
  inFolder(async ({ path, write, shell }) => {
    await write('disk', Buffer.alloc(1_000_000, 'disk'));
    for (const [file, packs, unpacks] of packers) {
      await shell(packs);
      await assert.rejects(
        withDisks(path(file), () => null),
        ({ code, message }: { code?: string; message: string }) => {
          assert.deepEqual(
            [code, message.includes(`\`${unpacks} ${path(file)}\``)],
            ['UNSUPPORTED_FORMAT', true],
            message,
          );
          return true;
        },
      );
    }
  }),
);

test('a disk that only begins as one of them does is a disk', () =>
  inFolder(async ({ path, write }) => {
    for (const start of [
      'BZh9 and so on',
      'BZh0',
      '\x04\x22\x4d\x18\xff',
      '7z\xbc\xaf\x27\x1c\x01',
    ]) {
      await write('disk', Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(4096)]));
      assert.equal(await outcome(path('disk')), 'read', start);
    }
  }));
