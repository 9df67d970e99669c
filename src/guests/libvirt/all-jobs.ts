// Asks about the jobs of many domains of one libvirt.
import type { VirtDfError } from '../../errors.js';
import { askEach, type EachQuery, type Lenders } from './ask-each.js';
import { type AskedDomain, type DomainJobs, domainJobs } from './domain-jobs.js';

/** The jobs of each domain, or why they are not known; one answer a domain, in their order. */
export function allJobs(
  domains: readonly AskedDomain[],
  query: EachQuery,
  connections: Lenders,
): Promise<readonly (DomainJobs | VirtDfError)[]> {
  return askEach(domains, domainJobs, query, connections);
}
