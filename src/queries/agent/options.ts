// How the agents in guests are asked, and what cannot be asked together with them.
import { UsageError } from '../../errors.js';
import type { View } from '../../filesystem/view.js';

/** `prefer`: the agent's numbers where it is known whose they are, the disk's otherwise. `only`: no disk is read. */
export type LiveMode = 'prefer' | 'only';

interface Asked {
  readonly isReadOnly: boolean;
  readonly view: View;
  readonly snapshot: string | null;
}

/** @throws UsageError USAGE */
export function checkLive({ isReadOnly, view, snapshot }: Asked): void {
  const refused = (why: string) => new UsageError('USAGE', `--live ${why}`);
  if (isReadOnly) {
    throw refused(
      'needs a connection that could write, since libvirt lets nobody else ask agents; --read-only-connection forbids it',
    );
  }
  if (view === 'mount') {
    throw refused('has the numbers inside the guest, and --view mount those of a mount outside');
  }
  if (snapshot !== null) {
    throw refused('has the numbers of now, and --snapshot those of an earlier moment');
  }
}
