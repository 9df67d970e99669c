// Guests of one name in two libvirts: a column tells them apart, by itself.
import { uriHost } from '../guests/libvirt/uri.js';
import type { GuestHeader } from '../queries/report.js';
import type { Column } from './column.js';
import { type ColumnChanges, column } from './column-names.js';

type Named = Pick<GuestHeader, 'guest' | 'uri'>;

/** The changes of an output's columns, and with them the host, or else the URI, of guests whose names are those of others. */
export function toldApartBy(reports: readonly Named[], changes: ColumnChanges): ColumnChanges {
  const added = columnFor(reports);
  return added === null ? changes : { ...changes, added: [added, ...changes.added] };
}

function columnFor(reports: readonly Named[]): Column | null {
  const uris = new Map<string, Set<string>>();
  for (const { guest, uri } of reports) {
    if (uri !== null) uris.set(guest, (uris.get(guest) ?? new Set()).add(uri));
  }
  const alike = [...uris.values()].filter(({ size }) => size > 1);
  if (alike.length === 0) return null;
  const areHosts = alike.every((all) => {
    const hosts = [...all].map(uriHost);
    return !hosts.includes(null) && new Set(hosts).size === all.size;
  });
  return column(areHosts ? 'host' : 'uri');
}
