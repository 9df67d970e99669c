// Asks du's question of images.
import assert from 'node:assert/strict';
import { filesystems } from '../../src/declarative/registry.js';
import { imageGuests } from '../../src/guests/images.js';
import { MIB } from '../../src/limits.js';
import { ask } from '../../src/queries/ask.js';
import { type DuEntry, duEntries } from '../../src/queries/du/listing.js';
import type { DuOptions } from '../../src/queries/du/options.js';
import type { DuFilesystem, DuReport } from '../../src/queries/du/record.js';
import { du } from '../../src/queries/du.js';

/** All files, as `du -a` lists them. */
export const ALL_FILES: DuOptions = {
  view: 'guest',
  device: null,
  path: [],
  depth: null,
  hasFiles: true,
  isOneTree: false,
  isApparent: false,
  sort: 'name',
  top: null,
  olderThanSeconds: null,
  largerBytes: null,
  memoryBytes: 256 * MIB,
};

/** The images are disks of one guest. */
export async function duOf(
  images: readonly string[],
  options: Partial<DuOptions> = {},
): Promise<DuReport> {
  const [guest] = imageGuests(images, { format: 'auto', sameGuest: true });
  assert.ok(guest);
  const query = du({ ...ALL_FILES, ...options });
  return ask(guest, query, { filesystems, timeoutSeconds: 60 });
}

export function entriesOf({ listing, problem }: DuFilesystem): readonly DuEntry[] {
  assert.equal(problem, null);
  assert.ok(listing);
  return [...duEntries(listing)];
}

/** The answer about a guest that has one filesystem. */
export function reportOf(filesystem: DuFilesystem): DuReport {
  return {
    guest: 'g',
    uuid: null,
    state: null,
    uri: null,
    statistics: { readCount: 0, bytesRead: 0 },
    partFiles: [],
    filesystems: [filesystem],
    problems: [],
  };
}
