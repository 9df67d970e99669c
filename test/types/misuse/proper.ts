// The proper uses compile: through src/validation, and what is not a guest's word.
import { big, equals, hasFlag, int, text } from '../../../src/validation/guest.js';
import { guest, wantsBigint, wantsNumber, wantsString } from './values.js';

export const blocks = int(guest.count, 'number of blocks', 0, 1000) + 1;
wantsNumber(blocks);
wantsBigint(big(guest.size, 'size', 0n, 1n << 40n) * 4096n);
wantsString(`label ${text(guest.label)}`);
export const buffer = new Uint8Array(int(guest.inner.offset, 'offset', 0, 512));
export const isRoot =
  equals(guest.label, 'root') || equals(guest.count, 5) || hasFlag(guest.size, 4n);
export const isJournaled = guest.hasJournal && guest.uuid[0] === 0 && guest.list.length > 3;
export const offsets = guest.inners.map(({ offset }) => int(offset, 'offset', 0, 512));
wantsString([1, 2].join('-') + JSON.stringify({ blocks }) + JSON.stringify('text'));
