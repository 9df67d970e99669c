// The fuzzer works: it finds the bug of a toy, which none finds who does not see which ways an input takes, and it runs real
// targets, of which one is a whole reader.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

/** Some thousand are enough, and it ends there; without the counters a hundred times as many as these are not. */
const TOY_RUNS = 100_000;

function run(script: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
  });
  return { status, said: `${stdout}${stderr}` };
}

test('the fuzzer finds a planted bug, and runs parsers and readers without finding one', () => {
  const toy = run(
    'build/scripts/fuzz/start.js',
    'toy',
    '--first',
    '--seed',
    '2',
    '--runs',
    String(TOY_RUNS),
  );
  assert.match(toy.said, /^toy: run \d+: TypeError at scripts\/fuzz\/toy\.ts:\d+: \S+\.json$/mu);
  assert.equal(toy.status, 1, toy.said);
  const real = run('build/fuzz/main.mjs', 'parser/minix', 'filesystem/minix', '--runs', '300');
  assert.match(real.said, /^parser\/minix: 300 executions .* 0 failures$/mu);
  assert.match(real.said, /^filesystem\/minix: 300 executions .* 0 failures$/mu);
  assert.equal(real.status, 0, real.said);
});
