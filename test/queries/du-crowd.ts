// Half a million files in one directory, under du; prints how many entries there were, and what the process took.
import assert from 'node:assert/strict';
import { duEntries } from '../../src/queries/du/listing.js';
import { read } from './du-read.js';
import { type FakeFile, fakeReader } from './du-reader.js';

const COUNT = 500_000;
const BEGIN = 'some-file-name-';

function* names(): Generator<readonly [string, number]> {
  for (let i = 0; i < COUNT; i++) yield [`${BEGIN}${(i * 7919) % COUNT}`, i + 3];
}

function* files(): Generator<FakeFile> {
  yield { number: 2, names: { [Symbol.iterator]: names } };
  for (let i = 0; i < COUNT; i++) yield { number: i + 3, bytes: 1 };
}

const before = process.cpuUsage();
const found = await read(fakeReader({ [Symbol.iterator]: files }));
let [entryCount, last] = [0, ''];
for (const { path } of duEntries(found.listing)) {
  assert.ok(last < path.text);
  last = path.text;
  entryCount += 1;
}
const { user, system } = process.cpuUsage(before);
const { maxRSS: maxRssKib } = process.resourceUsage();
console.log(JSON.stringify({ entryCount, cpuSeconds: (user + system) / 1e6, maxRssKib }));
