// What is left of root's rights to a process that reads guests: the built program's, as the kernel tells of it.
// Reference: proc_pid_status(5).
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { EVERY_ROW } from '../../../src/queries/filter.js';
import type { Answer, NeededRights, Rights } from '../../../src/queries/readers/protocol.js';
import { startReader } from '../../../src/queries/readers/reader.js';
import { neededRights, rightsText } from '../../../src/queries/readers/rights.js';
import { BIN, EXT4, noImages } from '../../cli/support.js';
import { GUEST } from '../sources.js';

const NOBODY = '65534';
/** CAP_DAC_READ_SEARCH. */
const READ_ANY = '0000000000000004';
const NONE = '0000000000000000';
const isRoot = process.getuid?.() === 0;
const skip = isRoot && process.platform === 'linux' ? noImages : 'needs root on Linux';

/** What a process may do that is told to read this guest, and its answer; it is looked at while it still runs. */
async function readBy(
  needed: NeededRights,
  path: string,
  look: (pid: number) => void,
): Promise<{ readonly rights: Rights; readonly answer: Answer }> {
  const question = {
    kind: 'df',
    view: 'guest',
    filter: EVERY_ROW,
    hasReclaimable: false,
  } as const;
  const keys = { selected: [], others: [] };
  return new Promise((resolve, reject) => {
    let rights: Rights = { landlock: null, isNobody: false };
    const settings = { question, formats: [], disks: {}, keys, ...needed };
    const reader = startReader(BIN, settings, {
      onMessage(message) {
        if (message.kind === 'ready') {
          rights = message;
          const guest = { ...GUEST, disks: [diskAt(path)] };
          reader.send({ kind: 'guest', isAhead: false, id: 0, guest, timeoutSeconds: null });
        }
        if (message.kind !== 'done') return;
        try {
          look(reader.pid ?? 0);
          resolve({ rights, answer: message.answer });
        } catch (error) {
          reject(error);
        }
        reader.kill();
      },
      onEnd: (how) => reject(new Error(how)),
    });
  });
}

/** A field of each thread of a process. */
function ofThreads(pid: number, field: string): Set<string> {
  const pattern = new RegExp(`^${field}:\\s+(\\S+)`, 'mu');
  const threads = readdirSync(`/proc/${pid}/task`);
  return new Set(
    threads.map((thread) => {
      const text = readFileSync(`/proc/${pid}/task/${thread}/status`, 'latin1');
      return pattern.exec(text)?.[1] ?? '';
    }),
  );
}

test('root becomes nobody, who reads what root alone may read', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-rights-'));
  t.after(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o700);
  const path = join(folder, 'disk.qcow2');
  copyFileSync(EXT4, path);
  chmodSync(path, 0o600);
  const needed = await neededRights([{ ...GUEST, disks: [diskAt(path)] }], {
    filesystems: [],
    disks: {},
  });
  if (needed.needsRoot) return t.skip(`${tmpdir()} is on no local filesystem`);
  const { rights, answer } = await readBy(needed, path, (pid) => {
    for (const field of ['Uid', 'Gid']) assert.deepEqual([...ofThreads(pid, field)], [NOBODY]);
    for (const field of ['CapEff', 'CapPrm']) {
      const left = ofThreads(pid, field);
      // The threads that V8 had before have none.
      left.delete(NONE);
      assert.deepEqual([...left], [READ_ANY], field);
    }
    const [groups] = /^Groups:.*$/mu.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    assert.equal(groups?.trim(), 'Groups:');
  });
  assert.ok(rights.isNobody);
  assert.match(rightsText(rights), /is nobody, who can read any file$/u);
  assert.deepEqual(answer.problems, []);
});

test('root stays root where a server or a socket asks who it is', { skip: !isRoot }, async () => {
  const needs = (path: string, allowRoots: readonly string[] = []) =>
    neededRights([{ ...GUEST, disks: [diskAt(path)] }], { filesystems: [], disks: { allowRoots } });
  const socket = 'nbd+unix:///?socket=/run/nbd.sock';
  assert.deepEqual(await needs(socket), { needsPrograms: false, needsRoot: true });
  assert.deepEqual(await needs(EXT4, ['ssh://host/']), { needsPrograms: true, needsRoot: true });
  // All that is mounted lies below it: /proc at least.
  assert.deepEqual(await needs(EXT4, ['/']), { needsPrograms: false, needsRoot: true });
});

function diskAt(path: string) {
  return { path, format: 'auto', target: null, allowedFiles: [], problem: null };
}
