// What is asked of many domains at once, through libvirt's C library. Runs in the child process only; every call blocks.
// Reference: https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainStatsTypes, virConnectGetAllDomainStatsFlags)
import type { LibvirtError } from '../../errors.js';
import type { LibvirtFunctions } from './binding.js';
import type { Fields } from './job-protocol.js';
import type { Pointer } from './pointer.js';
import type { StatsGroup, StatsRequests, StatsResults } from './stats-protocol.js';

/** VIR_DOMAIN_STATS_* */
const GROUPS: Readonly<Record<StatsGroup, number>> = {
  state: 1,
  cpu: 2,
  balloon: 4,
  vcpu: 8,
  net: 16,
  block: 32,
};

/** VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING */
const WITH_BACKING = 2 ** 30;

/** One operation, as the function that does it. */
type StatsAnswers = {
  readonly [Op in keyof StatsRequests]: (args: StatsRequests[Op]) => StatsResults[Op];
};

/** @param failed makes the error of the call just made. */
export function statsAnswers(
  libvirt: LibvirtFunctions,
  connection: Pointer,
  domainOf: (uuid: string) => Pointer,
  failed: (what: string) => LibvirtError,
): StatsAnswers {
  return {
    domainStats({ uuids, groups, hasBacking }) {
      const domains = uuids.map(domainOf).filter((domain) => domain !== null);
      const wanted = groups.reduce((bits, group) => bits + GROUPS[group], 0);
      const flags = hasBacking ? WITH_BACKING : 0;
      const found = libvirt.domainStats<readonly [string, Fields]>(
        domains,
        wanted,
        flags,
        (domain, fields) => [libvirt.uuidText(domain) ?? '', fields],
      );
      if (found === null) throw failed('libvirt does not tell of its domains');
      return new Map(found);
    },
    nodeInfo() {
      const info = libvirt.nodeInfo(connection);
      if (info === null) throw failed('libvirt does not tell of its host');
      return info;
    },
  };
}
