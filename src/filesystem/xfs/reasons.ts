// The reasons why the numbers after a mount are not known to the block: gathered group by group, told once each.
// Example: `xfs: deleted files have more extents than virt-df reads (group 2 and 3 others)`.
import { type ErrorCode, VirtDfError } from '../../errors.js';

/** A guest with a thousand damaged inodes has one reason, not a thousand. */
const MAX_REASONS = 16;

export interface Reason {
  /** Without the name of the format and without the group. */
  readonly text: string;
  readonly code: Extract<ErrorCode, 'ESTIMATE' | 'LIMIT'>;
  /** null: it is of no group. */
  readonly group: number | null;
}

export interface Reasons {
  add(reason: Reason): void;
  all(): readonly VirtDfError[];
}

export function reasons(): Reasons {
  const found = new Map<string, { readonly first: Reason; count: number }>();
  let untold = 0;
  return {
    add(reason) {
      const known = found.get(reason.text);
      if (known !== undefined) known.count += 1;
      else if (found.size < MAX_REASONS) found.set(reason.text, { first: reason, count: 1 });
      else untold += 1;
    },
    all() {
      const told = [...found.values()].map(({ first, count }) => {
        return new VirtDfError(first.code, `xfs: ${first.text}${groupsOf(first.group, count)}`);
      });
      if (untold === 0) return told;
      return [...told, new VirtDfError('ESTIMATE', `xfs: ${untold} more reasons like these`)];
    },
  };
}

function groupsOf(group: number | null, count: number): string {
  if (group === null) return '';
  if (count === 1) return ` (group ${group})`;
  return ` (group ${group} and ${count - 1} ${count === 2 ? 'other' : 'others'})`;
}
