// Asks diff's question of images.
import assert from 'node:assert/strict';
import { filesystems } from '../../src/declarative/registry.js';
import { imageGuests } from '../../src/guests/images.js';
import { MIB } from '../../src/limits.js';
import { ask } from '../../src/queries/ask.js';
import type { DiffOptions } from '../../src/queries/diff/options.js';
import type { DiffReport } from '../../src/queries/diff/record.js';
import { diff } from '../../src/queries/diff.js';

export const DIFF_DEFAULTS: DiffOptions = {
  old: { kind: 'backing' },
  isExpanded: false,
  hasStates: false,
  hasContent: null,
  hasOverlay: false,
  memoryBytes: 256 * MIB,
};

export async function diffOf(
  image: string,
  options: Partial<DiffOptions> = {},
): Promise<DiffReport> {
  const [guest] = imageGuests([image], { format: 'auto', sameGuest: true });
  assert.ok(guest);
  const query = diff({ ...DIFF_DEFAULTS, ...options });
  return ask(guest, query, { filesystems, timeoutSeconds: 60 });
}
