// What is asked of many domains at once, and of their host.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainListGetStats, virDomainStatsTypes),
// https://libvirt.org/html/libvirt-libvirt-host.html (virNodeGetInfo)
import type { Fields } from './job-protocol.js';

/** Groups of fields, by the names that they begin with. */
export type StatsGroup = 'state' | 'cpu' | 'balloon' | 'vcpu' | 'net' | 'block';

export interface NodeInfo {
  readonly memoryBytes: number;
  /** Processors that are in use. */
  readonly cpuCount: number;
}

export interface StatsRequests {
  /** One request, whatever their number; the domains are some of the last listing. */
  readonly domainStats: {
    readonly uuids: readonly string[];
    readonly groups: readonly StatsGroup[];
    /** Whether `block` has all layers, scratch files and targets, and not the active layers alone. */
    readonly hasBacking: boolean;
  };
  readonly nodeInfo: Readonly<Record<never, never>>;
}

export interface StatsResults {
  /** By UUID; without domains that went away, and without what a driver does not tell. */
  readonly domainStats: ReadonlyMap<string, Fields>;
  readonly nodeInfo: NodeInfo;
}
