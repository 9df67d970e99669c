// Whether the flags of scripts/test.mjs arrive where the tests run. The preload takes them from what a test itself starts, and once it
// took them from the runner too: nothing failed, and the suite took a quarter more time.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const IS_RUN = process.env.NODE_TEST_CONTEXT !== undefined;
const skip = IS_RUN ? false : 'the file was not started by the runner of the tests';

test('V8 works in a test as scripts/test.mjs wants it, and as usual in what the test starts', {
  skip,
}, () => {
  const ofProcess = readFileSync('/proc/self/cmdline', 'latin1').split('\0');
  const wanted = ['--no-parallel-scavenge'];
  if (process.version.startsWith('v20.')) wanted.push('--interrupt-budget=1081344');
  for (const flag of wanted) {
    assert.ok(ofProcess.includes(flag), `${flag} is not in ${ofProcess.join(' ')}`);
    assert.ok(!process.execArgv.includes(flag), flag);
  }
  const environment = readFileSync('/proc/self/environ', 'latin1');
  assert.match(environment, /GLIBC_TUNABLES=glibc\.malloc\.hugetlb=1/u);
  assert.equal(process.env.GLIBC_TUNABLES, undefined);
});
