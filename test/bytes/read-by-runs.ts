// Reads a source by what its runs say alone: from the files of the host by node:fs, through decoders and ciphers that are
// given. What it reads must be what the source reads.
import assert from 'node:assert/strict';
import { openSync, readSync } from 'node:fs';
import { type HostRun, hostRuns } from '../../src/bytes/runs.js';
import type { ByteSource, ParentOrigin, SourceRun, StreamOrigin } from '../../src/bytes/source.js';

export interface RunCipher {
  readonly sectorBytes: number;
  /** @param at of the first sector: in the source, and in the parent. */
  decrypt(
    sectors: Uint8Array,
    at: { readonly offsetBytes: number; readonly parentOffsetBytes: number },
  ): Uint8Array;
}

/** The blocks that a stream may hold, one for each way in which it can be read. */
export type Decode = (stream: Uint8Array, blockBytes: number) => AsyncIterable<Uint8Array>;

export interface RunReader {
  read(source: ByteSource, offsetBytes: number, lengthBytes: number): Promise<Uint8Array>;
  /** Bytes of each kind that were read, of all sources on the way. */
  readonly counts: Map<SourceRun['kind'], number>;
}

export function runReader(ciphers: ReadonlyMap<ByteSource, RunCipher>, decode: Decode): RunReader {
  const counts = new Map<SourceRun['kind'], number>();

  async function read(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    let at = offset;
    while (at < offset + length) {
      const runs = await source.runs(at, offset + length - at);
      assert.ok(runs.length > 0, 'at least one run');
      for (const run of runs) {
        assert.equal(run.offsetBytes, at, 'in order and without gaps');
        assert.ok(run.lengthBytes > 0 && run.offsetBytes + run.lengthBytes <= offset + length);
        counts.set(run.kind, (counts.get(run.kind) ?? 0) + run.lengthBytes);
        bytes.set(await readRun(source, run), at - offset);
        at += run.lengthBytes;
      }
    }
    return bytes;
  }

  async function readRun(source: ByteSource, run: SourceRun): Promise<Uint8Array> {
    const { offsetBytes, lengthBytes } = run;
    switch (run.kind) {
      case 'host':
        return readHost(run.path, offsetBytes, lengthBytes);
      case 'zero':
        return new Uint8Array(lengthBytes);
      case 'memory':
        return source.read(offsetBytes, lengthBytes);
      case 'data':
        return read(run.parent, run.parentOffsetBytes, lengthBytes);
      case 'encrypted':
        return readEncrypted(source, run, offsetBytes, lengthBytes);
      case 'compressed':
        return readCompressed(source, run, offsetBytes, lengthBytes);
    }
  }

  async function readEncrypted(
    source: ByteSource,
    { parent, parentOffsetBytes }: ParentOrigin,
    offsetBytes: number,
    lengthBytes: number,
  ): Promise<Uint8Array> {
    const cipher = ciphers.get(source);
    assert.ok(cipher, 'an encrypted source of which the test knows');
    const { sectorBytes, decrypt } = cipher;
    const skipped = offsetBytes % sectorBytes;
    const wanted = Math.ceil((skipped + lengthBytes) / sectorBytes) * sectorBytes;
    const first = parentOffsetBytes - skipped;
    const sectors = await read(parent, first, wanted);
    const at = { offsetBytes: offsetBytes - skipped, parentOffsetBytes: first };
    const plain = decrypt(sectors, at);
    assert.notDeepEqual(Buffer.from(plain), Buffer.from(sectors), 'what lies there is encrypted');
    return plain.subarray(skipped, skipped + lengthBytes);
  }

  async function readCompressed(
    source: ByteSource,
    run: StreamOrigin,
    offsetBytes: number,
    lengthBytes: number,
  ): Promise<Uint8Array> {
    const { parent, parentOffsetBytes, parentLengthBytes, blockBytes, skippedBytes } = run;
    assert.ok(parentOffsetBytes + parentLengthBytes <= parent.sizeBytes, 'within the parent');
    assert.ok(skippedBytes + lengthBytes <= blockBytes, 'within the block');
    const stream = await read(parent, parentOffsetBytes, parentLengthBytes);
    const wanted = await source.read(offsetBytes, lengthBytes);
    for await (const block of decode(stream, blockBytes)) {
      assert.equal(block.length, blockBytes);
      const part = block.subarray(skippedBytes, skippedBytes + lengthBytes);
      if (Buffer.compare(part, wanted) === 0) return part;
    }
    assert.fail(`no stream that holds the block is at ${parentOffsetBytes}`);
  }

  return { read, counts };
}

const open = new Map<string, number>();

/** Files stay open until the process ends: a source may have thousands of runs. */
function readHost(path: string, offsetBytes: number, lengthBytes: number): Uint8Array {
  const file = open.get(path) ?? openSync(path, 'r');
  open.set(path, file);
  const bytes = new Uint8Array(lengthBytes);
  assert.equal(readSync(file, bytes, 0, lengthBytes, offsetBytes), lengthBytes, path);
  return bytes;
}

/**
 * Compares what the resolved runs of a range say with its bytes, where they say it without a decoder or a cipher.
 * @returns the runs.
 */
export async function compareResolved(
  source: ByteSource,
  offsetBytes: number,
  bytes: Uint8Array,
): Promise<readonly HostRun[]> {
  const runs: HostRun[] = [];
  let at = offsetBytes;
  for await (const run of hostRuns(source, offsetBytes, bytes.length)) {
    assert.equal(run.offsetBytes, at);
    at += run.lengthBytes;
    runs.push(run);
    if (run.isEncrypted || run.kind === 'compressed' || run.kind === 'memory') continue;
    const found =
      run.kind === 'data'
        ? readHost(run.path, run.hostOffsetBytes, run.lengthBytes)
        : new Uint8Array(run.lengthBytes);
    const from = run.offsetBytes - offsetBytes;
    const wanted = bytes.subarray(from, from + run.lengthBytes);
    assert.equal(Buffer.compare(found, wanted), 0, `at ${run.offsetBytes}`);
  }
  assert.equal(at, offsetBytes + bytes.length, 'to the end of the range');
  return runs;
}
