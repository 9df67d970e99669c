// Guests of one name in two libvirts are told apart by themselves: by a column, or behind their names.
import { uriHost } from '../guests/libvirt/uri.js';
import type { GuestHeader } from '../queries/report.js';
import { type ColumnChanges, column } from './column-names.js';

type Named = Pick<GuestHeader, 'guest' | 'uri'>;

interface Alike {
  readonly names: ReadonlySet<string>;
  /** Whether the hosts of their URIs tell all of them apart. */
  readonly areHosts: boolean;
}

/** The changes of an output's columns, and with them the host, or else the URI, of guests whose names are those of others. */
export function toldApartBy(reports: readonly Named[], changes: ColumnChanges): ColumnChanges {
  const alike = alikeIn(reports);
  if (alike === null) return changes;
  return { ...changes, added: [column(alike.areHosts ? 'host' : 'uri'), ...changes.added] };
}

/** The reports for a text without columns of guests: `web (far.example)` for one whose name is that of another. */
export function toldApartInNames<R extends Named>(reports: readonly R[]): readonly R[] {
  const alike = alikeIn(reports);
  if (alike === null) return reports;
  return reports.map((report) => {
    const { guest, uri } = report;
    if (uri === null || !alike.names.has(guest)) return report;
    return { ...report, guest: `${guest} (${alike.areHosts ? uriHost(uri) : uri})` };
  });
}

/** null: none are. */
function alikeIn(reports: readonly Named[]): Alike | null {
  const uris = new Map<string, Set<string>>();
  for (const { guest, uri } of reports) {
    if (uri !== null) uris.set(guest, (uris.get(guest) ?? new Set()).add(uri));
  }
  const alike = [...uris].filter(([, { size }]) => size > 1);
  if (alike.length === 0) return null;
  const areHosts = alike.every(([, all]) => {
    const hosts = [...all].map(uriHost);
    return !hosts.includes(null) && new Set(hosts).size === all.size;
  });
  return { names: new Set(alike.map(([name]) => name)), areHosts };
}
