// Whether a guest runs, so that its numbers are those of df inside it now. A mount, which only a guest that is off or crashed has
// before it, frees what was deleted while it was open.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainState).
import type { Filesystem, Usage, View } from '../filesystem/filesystem.js';
import type { GuestDefinition } from '../guests/guest.js';

/** States without a memory in which anything could be mounted. */
const WITHOUT_MEMORY: ReadonlySet<string> = new Set(['shut off', 'crashed']);

type LiveGuest = Pick<GuestDefinition, 'state' | 'disks'>;

interface ViewedUsage {
  readonly usage: Usage;
  /** Whose numbers they are. */
  readonly view: View;
}

/**
 * The usage of a filesystem in the view of its guest. Nobody says of an image whether a guest runs on it: this host is asked, and
 * only where that matters. @throws as `Filesystem.usage`.
 */
export async function usageOf(
  filesystem: Pick<Filesystem, 'usage'>,
  view: View,
  guest: LiveGuest,
): Promise<ViewedUsage> {
  const own = view === 'guest' && isRunning(guest) ? 'live' : view;
  const usage = await filesystem.usage(own);
  const isAsked = own === 'guest' && usage.isFreeing === true && guest.state === null;
  if (!isAsked || !(await isWrittenTo(guest))) return { usage, view: own };
  return { usage: await filesystem.usage('live'), view: 'live' };
}

/** Whether it has a memory, as libvirt's guests that are not off. */
export function isRunning({ state }: Pick<LiveGuest, 'state'>): boolean {
  return state !== null && !WITHOUT_MEMORY.has(state);
}

async function isWrittenTo({ disks }: LiveGuest): Promise<boolean> {
  const { isInUse } = await import('../host/in-use.js');
  for (const { path } of disks) {
    if (path !== null && (await isInUse(path))) return true;
  }
  return false;
}
