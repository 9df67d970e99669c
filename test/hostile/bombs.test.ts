// Small images that ask for much: what reads them stops, within bounds of time and memory, and says why.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { bombs, writeBomb } from './bomb-images.js';
import type { BombOutcome } from './bomb-worker.js';

const MAX_CPU_MS = 5000;
/** Two of the largest blocks are kept (128 MiB), a third is being made (64 MiB), its decoder has a copy, and Node itself takes 60. */
const MAX_MEMORY_MIB = 360;

const folder = mkdtempSync(join(tmpdir(), 'virt-df-bombs-'));
after(() => rmSync(folder, { recursive: true }));

for (const bomb of bombs) {
  test(bomb.name, async (t) => {
    const path = join(folder, bomb.file);
    writeBomb(path, bomb);
    const { format = 'auto', maxCpuMs = MAX_CPU_MS } = bomb;
    const worker = fork(join(import.meta.dirname, 'bomb-worker.js'), [path, format]);
    const exit = once(worker, 'exit');
    const died = exit.then(() => assert.fail('the reader died'));
    died.catch(() => undefined); // It is only waited for until there is an answer.
    const [outcome]: BombOutcome[] = await Promise.race([once(worker, 'message'), died]);
    await exit;
    rmSync(path);
    if (outcome === undefined) throw new Error('the reader said nothing');
    const { scan, chain, drain, cpuMs, peakMib } = outcome;
    const times = cpuMs.map((ms) => `${Math.round(ms)} ms`).join(', ');
    t.diagnostic(
      `scan: ${scan.join()}; chain: ${chain.join()}; all of it: ${drain}; ${times}; ${Math.round(peakMib)} MiB`,
    );
    const said = new Set([...scan, ...chain]);
    for (const code of bomb.codes) assert.ok(said.has(code), `${[...said]} has no ${code}`);
    if (bomb.isEndless === true) assert.equal(drain, 'LIMIT', 'the budget ends');
    for (const ms of cpuMs) assert.ok(ms < maxCpuMs, `took ${ms} ms`);
    assert.ok(peakMib < MAX_MEMORY_MIB, `peak memory was ${peakMib} MiB`);
  });
}
