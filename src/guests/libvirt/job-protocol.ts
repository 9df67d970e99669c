// What is asked about the jobs of a domain, and the answers, as libvirt has them.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainGetJobStats, virDomainGetBlockJobInfo,
// virDomainGetBlockInfo, virDomainBackupGetXMLDesc, virDomainGetDiskErrors, virDomainListGetStats)

/** virErrorNumber VIR_ERR_NO_SUPPORT: a driver, or a libvirt, does not have a call. */
export const NO_SUPPORT = 3;

/** Fields that libvirt gives by name: typed parameters. */
export type Fields = Readonly<Record<string, number | bigint | string | boolean>>;

/** virDomainGetJobStats. */
export interface JobStats {
  /** virDomainJobType */
  readonly type: number;
  readonly fields: Fields;
}

/** virDomainGetState */
export interface DomainState {
  readonly state: number;
  readonly reason: number;
}

/** virDomainGetBlockJobInfo, its bandwidth in bytes a second. */
export interface BlockJobInfo {
  /** virDomainBlockJobType */
  readonly type: number;
  readonly bandwidth: bigint;
  readonly cur: bigint;
  readonly end: bigint;
}

/** virDomainBlockInfo, in bytes. */
export interface BlockInfo {
  readonly capacity: bigint;
  readonly allocation: bigint;
  readonly physical: bigint;
}

/** virDomainDiskError */
export interface DiskError {
  readonly disk: string;
  readonly error: number;
}

interface OfDomain {
  readonly uuid: string;
}

/** The arguments of each operation; each is one request to libvirt. */
export interface JobRequests {
  readonly state: OfDomain;
  /** The job that runs, or the record of the last one that ended, which stays. */
  readonly jobStats: OfDomain & { readonly isEnded: boolean };
  /** At most so many. */
  readonly diskErrors: OfDomain & { readonly diskCount: number };
  /** The answer is null where the disk has none. */
  readonly blockJob: OfDomain & { readonly disk: string };
  /** Of the active layer. */
  readonly blockInfo: OfDomain & { readonly disk: string };
  readonly backupXml: OfDomain;
  /** Of all layers, scratch files and targets of all disks. */
  readonly blockStats: OfDomain;
}

export interface JobResults {
  readonly state: DomainState;
  readonly jobStats: JobStats;
  readonly diskErrors: readonly DiskError[];
  readonly blockJob: BlockJobInfo | null;
  readonly blockInfo: BlockInfo;
  readonly backupXml: string;
  readonly blockStats: Fields;
}
