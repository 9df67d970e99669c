// Whether a guest runs, so that its numbers are those of df inside it now. A mount, which only a guest that is off or crashed has
// before it, frees what was deleted while it was open.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainState).
import type { View } from '../filesystem/view.js';
import type { GuestDefinition } from '../guests/guest.js';

/** States without a memory in which anything could be mounted. */
const WITHOUT_MEMORY: ReadonlySet<string> = new Set(['shut off', 'crashed']);

/** The view whose numbers a guest has. */
export function viewOf(view: View, { state }: Pick<GuestDefinition, 'state'>): View {
  const isRunning = state !== null && !WITHOUT_MEMORY.has(state);
  return view === 'guest' && isRunning ? 'live' : view;
}
