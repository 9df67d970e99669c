// A thousand images that are damaged in a byte or a number, checksums made right again, against what a kernel said of them:
// what it mounts has its numbers or says why not, and what it refuses is never a row without a reason. Faults that are still
// open are told; one that is mended must be recorded.
// scripts/images/mutated.py asked it; docs/security-tests.md has the figures.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { edited, judge } from './edited.js';
import { type KeptCase, type KeptImage, keptImages, verdictsOf } from './recorded-verdicts.js';

const images = keptImages();

test('there are a thousand cases, in two views, and a good part of them is mounted', () => {
  const verdicts = images.flatMap((image) => image.cases.flatMap((one) => verdictsOf(image, one)));
  const mounted = verdicts.filter(({ statfs }) => statfs !== null).length;
  assert.ok(verdicts.length >= 1500, `${verdicts.length}`);
  assert.ok(mounted >= 900 && verdicts.length - mounted >= 400, `${mounted} mounted`);
});

for (const image of images) {
  test(`${image.name}, damaged in ${image.cases.length} ways`, async (t) => {
    const scope = openScope({ deadlineMs: null });
    t.after(() => scope.close());
    const path = resolve('images', `${image.name}.qcow2`);
    const { content } = await openDisk(path, { format: 'auto', scope });
    const wrong: string[] = [];
    for (const one of image.cases) wrong.push(...(await faultsOf(content, image, one)));
    assert.deepEqual(wrong, []);
    for (const one of image.open) {
      const [fault] = await faultsOf(content, image, one);
      assert.ok(fault !== undefined, `${JSON.stringify(one[0])} is mended: record it`);
      t.diagnostic(`open: ${fault}`);
    }
  });
}

/** In which views a row is not what the kernel says. */
async function faultsOf(
  content: ByteSource,
  image: KeptImage,
  one: KeptCase,
): Promise<readonly string[]> {
  const source = edited(content, one[0]);
  const faults: string[] = [];
  for (const { view, statfs } of verdictsOf(image, one)) {
    const { outcome, message } = await judge(source, view, image.kind, statfs);
    if (outcome !== 'silent' && outcome !== 'clean') continue;
    faults.push(`${view}, ${outcome}, ${JSON.stringify(one[0])}: ${message}`);
  }
  return faults;
}
