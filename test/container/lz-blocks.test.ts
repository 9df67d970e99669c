// Blocks of LZ4 and LZO as their documents have them, and cut or damaged ones: an error with a code, within the room that is given.
// Blocks that other programs wrote are those of the images of SquashFS.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeLz4 } from '../../src/container/compression/lz4.js';
import { decodeLzo } from '../../src/container/compression/lzo.js';
import { FormatError } from '../../src/errors.js';
import { random } from '../random.js';

const ROOM_BYTES = 64;
const BLOCKS = [
  {
    decode: decodeLz4,
    // A literal, a copy of 19 bytes from one byte back, and a last literal.
    stream: Uint8Array.of(0x1f, 0x61, 1, 0, 0, 0x10, 0x62),
    content: `${'a'.repeat(20)}b`,
  },
  {
    decode: decodeLzo,
    // Five literals, a copy of seven bytes from five bytes back, the end.
    stream: Uint8Array.of(22, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x25, 16, 0, 0x11, 0, 0),
    content: 'hellohellohe',
  },
];

for (const { decode, stream, content } of BLOCKS) {
  test(`${decode.name}: literals and copies, and no more than there is room for`, () => {
    assert.equal(Buffer.from(decode(stream, ROOM_BYTES, 'test')).toString('latin1'), content);
    assert.throws(() => decode(stream, 3, 'test'), { code: 'LIMIT' });
  });

  test(`${decode.name}: what is cut or changed is an error, or other content`, () => {
    const next = random(decode.name);
    for (let index = 0; index < 2000; index++) {
      const bytes = Uint8Array.from(stream).subarray(0, 1 + next(stream.length));
      bytes[next(bytes.length)] = next(256);
      try {
        assert.ok(decode(bytes, ROOM_BYTES, 'test').length <= ROOM_BYTES);
      } catch (error) {
        assert.ok(error instanceof FormatError);
      }
    }
  });
}
