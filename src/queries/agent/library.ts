// The library's `live`: reads the disks of libvirt's guests, or none, and asks the agents in those that run.
import { askAll } from '../ask.js';
import { df } from '../df.js';
import { EVERY_ROW, filtered } from '../filter.js';
import { askOptions, filterOf, listGuests, readable } from '../library-asking.js';
import type { LibvirtOptions, ScanOptions } from '../library-options.js';
import type { GuestReport } from '../report.js';
import { agentsOf } from './ask.js';
import { checkLive, type LiveMode } from './options.js';
import { unreadDisks } from './unread.js';

/** @throws UsageError USAGE; LibvirtError as `listGuests`. */
export async function scanLive(
  options: ScanOptions & LibvirtOptions,
  mode: LiveMode,
): Promise<readonly GuestReport[]> {
  const { view = 'guest', isReadOnly = false, timeoutSeconds = null, onReport } = options;
  checkLive({ isReadOnly, view, snapshot: null });
  const uris: string[] = [];
  const guests = await listGuests(options, (uri) => uris.push(uri));
  const filesystems = mode === 'only' ? [] : await readable(options);
  const asked = { ...askOptions(options, null), filesystems };
  const read: readonly GuestReport[] =
    mode === 'only'
      ? await askAll(guests, unreadDisks, asked)
      : await askAll(guests, df(view, EVERY_ROW), asked);
  const told = await agentsOf({ mode, uris, timeoutSeconds }).ask(read);
  const reports = told.map((report) => filtered(report, filterOf(options)));
  for (const report of reports) onReport?.(report);
  return reports;
}
