// The states of domains, in virsh's words.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainState, virDomainPausedReason); virsh(1), domstate

const STATE_NAMES = [
  'no state',
  'running',
  'idle',
  'paused',
  'in shutdown',
  'shut off',
  'crashed',
  'pmsuspended',
] as const;

const PAUSED = 3;

const PAUSED_REASONS = [
  'unknown',
  'user',
  'migrating',
  'saving',
  'dumping',
  'I/O error',
  'watchdog',
  'from snapshot',
  'shutting down',
  'creating snapshot',
  'crashed',
  'starting up',
  'post-copy',
  'post-copy failed',
  'api error',
] as const;

/** Of virDomainState; null: it is none. */
export function stateName(state: number): string | null {
  return STATE_NAMES[state] ?? null;
}

/** Why it is paused; null: it is not. */
export function pausedReason({
  state,
  reason,
}: {
  readonly state: number;
  readonly reason: number;
}) {
  return state === PAUSED ? (PAUSED_REASONS[reason] ?? 'unknown') : null;
}
