// --classic byte for byte against what libguestfs's virt-df printed of the same images. test/classic/index.json says how
// each output was recorded; a new recording is a new test.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { virtDf } from './support.js';

const FOLDER = 'test/classic';

interface Recording {
  /** The file with the output. */
  readonly output: string;
  /** Below images/; with virt-df's -a they are disks of one guest. */
  readonly images: readonly string[];
  /** -h, -i, --csv. */
  readonly flags: readonly string[];
}

interface Index {
  readonly recorded_with: string;
  readonly recordings: readonly Recording[];
}

const { recordings }: Index = JSON.parse(readFileSync(join(FOLDER, 'index.json'), 'utf8'));

for (const { output, images, flags } of recordings) {
  const paths = images.map((image) => join('images', image));
  const skip = paths.every((path) => existsSync(path)) ? false : 'needs images/';
  test(`virt-df ${flags.join(' ')}: ${output}`, { skip }, () => {
    const disks = paths.flatMap((path) => ['-t', path]);
    const expected = readFileSync(join(FOLDER, output), 'utf8');
    assert.deepEqual(virtDf(['--classic', '--same-guest', ...disks, ...flags]), {
      code: 0,
      stdout: expected,
      stderr: '',
    });
  });
}
