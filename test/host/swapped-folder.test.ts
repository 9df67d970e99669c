// A folder that its owner swaps with a link to another one while images in it are opened: no byte of the other folder is
// read, neither of a file that an image names nor under the name of the image itself.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openDisk } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import { openScope } from '../../src/host/local-scope.js';
import type { Scope } from '../../src/host/scope.js';
import { qcow2Image } from '../container/qcow2-header.js';
import { missing } from '../tools.js';

const OPENS = 10_000;
/** The last is that of a folder without a machine. */
const CODES = new Set(['NOT_FOUND', 'NOT_ALLOWED', 'UNSUPPORTED_FORMAT']);
const MACHINE = 'scsi0:0.present = "TRUE"\nscsi0:0.fileName = "disk.vmdk"\n';
const DESCRIPTOR = `# Disk DescriptorFile
version=1
CID=fffffffe
parentCID=ffffffff
createType="monolithicFlat"
RW 64 FLAT "base" 0
`;
const OWN = Buffer.alloc(64 * 512, 'own');
const FOREIGN = Buffer.alloc(64 * 512, 'foreign');

/** Lets a folder and a link change their names, each time in one step (renameat2, RENAME_EXCHANGE), until it is killed. */
const SWAPPER = `
import ctypes, sys
libc = ctypes.CDLL(None)
one, other = (name.encode() for name in sys.argv[1:])
while True:
    libc.renameat2(-100, one, -100, other, 2)
`;

/** A folder vm/ with an image and its base, and foreign/ with a file of the base's name, which no image there names. */
function places(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'virt-df-swapped-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const at = (...parts: readonly string[]) => join(root, ...parts);
  for (const name of ['vm', 'foreign']) mkdirSync(at(name));
  symlinkSync('foreign', at('link'));
  writeFileSync(at('vm', 'base'), OWN);
  writeFileSync(at('foreign', 'base'), FOREIGN);
  writeFileSync(at('vm', 'vm.vmx'), MACHINE);
  for (const name of ['vm', 'foreign']) writeFileSync(at(name, 'disk.vmdk'), DESCRIPTOR);
  writeFileSync(at('vm', 'disk'), qcow2Image({ backingFile: 'base', backingFormat: 'raw' }));
  return at;
}

async function whileSwapped(
  t: TestContext,
  work: (at: (...parts: string[]) => string) => Promise<void>,
) {
  const at = places(t);
  const swapper = spawn('python3', ['-c', SWAPPER, at('vm'), at('link')], { stdio: 'ignore' });
  const ended = new Promise((resolve) => swapper.once('close', resolve));
  try {
    while (!lstatSync(at('vm')).isSymbolicLink()) assert.equal(swapper.exitCode, null);
    await work(at);
  } finally {
    swapper.kill();
    await ended;
  }
}

/** A busy machine swaps more often than a test opens: until an opening succeeds, it is tried so much more often. */
const MORE = 20;

/** Opens in a scope of its own, as often as said and until `wanted` came of it; gives what came of it, and how often. */
async function outcomes(
  count: number,
  wanted: string,
  work: (scope: Scope) => Promise<string>,
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const isEnough = (turn: number) => turn >= count && (found.has(wanted) || turn >= MORE * count);
  for (let turn = 0; !isEnough(turn); turn++) {
    const scope = openScope();
    let outcome: string;
    try {
      outcome = await work(scope);
    } catch (error) {
      assert.ok(error instanceof VirtDfError && CODES.has(error.code), String(error));
      outcome = error.message.includes('replaced') ? 'replaced' : error.code;
    } finally {
      await scope.close();
    }
    found.set(outcome, (found.get(outcome) ?? 0) + 1);
  }
  return found;
}

const skip = missing({ python3: 'python3-vmdkstream' });

test('the base that an image names is its own', { skip }, async (t) => {
  await whileSwapped(t, async (at) => {
    const found = await outcomes(OPENS, 'ownowno', async (scope) => {
      const { content } = await openDisk(at('vm', 'disk'), { format: 'qcow2', scope });
      return Buffer.from(await content.read(0, 7)).toString();
    });
    assert.equal(found.get('foreign'), undefined, JSON.stringify([...found]));
    assert.ok(found.has('ownowno'), JSON.stringify([...found]));
  });
});

test('the disk that the description of a machine names lies in its folder', { skip }, async (t) => {
  await whileSwapped(t, async (at) => {
    const found = await outcomes(OPENS / 4, 'ownowno', async (scope) => {
      const { content } = await openDisk(at('vm'), { format: 'auto', scope });
      return Buffer.from(await content.read(0, 7)).toString();
    });
    assert.equal(found.get('foreign'), undefined, JSON.stringify([...found]));
    assert.ok(found.has('ownowno'), JSON.stringify([...found]));
  });
});

test('bytes are those of the path under which they are told', { skip }, async (t) => {
  await whileSwapped(t, async (at) => {
    let refusedCount = 0;
    const found = await outcomes(OPENS / 4, 'replaced', async (scope) => {
      const file = await scope.open(at('vm', 'base'));
      const text = Buffer.from(await file.read(0, 3)).toString();
      return `${file.path.slice(at('').length)} ${text}`;
    });
    refusedCount += found.get('replaced') ?? 0;
    for (const outcome of found.keys()) {
      assert.ok(
        ['/vm/base own', '/foreign/base for', 'replaced', 'NOT_FOUND'].includes(outcome),
        outcome,
      );
    }
    assert.ok(refusedCount > 0, `the swapper never came between: ${JSON.stringify([...found])}`);
  });
});
