// --classic byte for byte against what libguestfs's virt-df printed of the same images. test/classic/index.json says how
// each output was recorded (scripts/images/classic); a new recording is a new test.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { virtDf } from './support.js';

const FOLDER = 'test/classic';

interface Recording {
  /** The file in images/, and the name that virt-df was given for it. */
  readonly disks: readonly { readonly image: string; readonly as: string }[];
  /** The output's file -> the words of the command line. */
  readonly forms: Readonly<Record<string, readonly string[]>>;
}

const { records }: { records: Readonly<Record<string, Recording>> } = JSON.parse(
  readFileSync(join(FOLDER, 'index.json'), 'utf8'),
);

for (const [name, { disks, forms }] of Object.entries(records)) {
  const isThere = disks.every(({ image }) => existsSync(join('images', image)));
  test(`virt-df of ${name}`, { skip: isThere ? false : 'needs images/' }, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'virt-df-test-'));
    t.after(() => rmSync(folder, { recursive: true }));
    for (const { image, as } of disks) symlinkSync(resolve('images', image), join(folder, as));
    for (const [output, words] of Object.entries(forms)) {
      // virt-df's -a are disks of one guest.
      const flags = words.filter((word, i) => word !== '-a' && words[i - 1] !== '-a');
      const images = disks.flatMap((disk) => ['-t', join(folder, disk.as)]);
      const { stdout } = virtDf(['--classic', '--same-guest', ...images, ...flags]);
      assert.equal(stdout, readFileSync(join(FOLDER, output), 'utf8'), output);
    }
  });
}
