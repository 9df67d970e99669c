// On which of a guest's disks a filesystem of the agent's lies, and in which partition. Its disks are named as libvirt's are, not as the
// guest's kernel found them: `sdb1` of the guest may be on the first disk.
// References: Linux block/partitions/core.c (disk_name: a p parts the number from a name that ends in a digit); libvirt
// src/qemu/qemu_driver.c (qemuAgentDiskInfo: an alias is the target of the disk at the same address of the bus); udev
// rules.d/60-persistent-storage.rules (ID_SERIAL); QEMU hw/block/virtio-blk.c (VIRTIO_BLK_ID_BYTES)
import { partitionDevice } from '../../stack/device-name.js';
import type { DiskRecord } from '../report.js';
import type { AgentDisk, AgentFilesystem } from './answer.js';

/** What is known of a filesystem's place. */
interface AgentPlace {
  /** The disks, by the names that rows have for them; null: it is not known which. */
  readonly disks: ReadonlySet<string> | null;
  /** The disk or partition that it fills; null: it is a volume over some of the disks, or what it is cannot be told. */
  readonly device: string | null;
}

/** A filesystem of the agent's with its place. */
export interface Placed extends AgentPlace {
  readonly told: AgentFilesystem;
}

/** A guest sees no more of the serial number of a virtio disk. */
const VIRTIO_SERIAL_LENGTH = 20;

export function agentPlace(
  { name, disks: own }: AgentFilesystem,
  disks: readonly DiskRecord[],
): AgentPlace {
  const found = own.map((one) => diskOf(one, disks));
  const known = found.flatMap((disk) => disk ?? []);
  if (known.length === 0 || known.length < found.length) return { disks: null, device: null };
  const [disk] = known;
  const number = partitionNumber(name);
  const device =
    disk === undefined || known.length > 1 || number === null ? null : deviceOf(disk, number);
  return { disks: new Set(known), device };
}

function deviceOf(disk: string, partition: number): string {
  return partition === 0 ? disk : partitionDevice(disk, partition);
}

function diskOf(
  { target, serial, address }: AgentDisk,
  disks: readonly DiskRecord[],
): string | null {
  const named = disks.filter(
    (disk) =>
      (target !== null && disk.target === target) || (address !== null && disk.address === address),
  );
  const found = named.length > 0 ? named : disks.filter((disk) => isSerial(serial, disk.serial));
  const [only, ...others] = found;
  return only === undefined || others.length > 0 ? null : only.disk;
}

/** udev puts the maker and the model of a SCSI disk before its number. */
function isSerial(seen: string | null, given: string | undefined): boolean {
  if (seen === null || given === undefined || given === '') return false;
  return (
    seen === given || seen === given.slice(0, VIRTIO_SERIAL_LENGTH) || seen.endsWith(`_${given}`)
  );
}

const LETTERED = /^(?:[hsv]|xv)d[a-z]{1,3}(\d{1,3})?$/u;
const NUMBERED = /^(?:nvme\d+n|mmcblk|nbd|pmem)\d+(?:p(\d{1,3}))?$/u;

/** 0: it fills its disk; null: the name is of no disk of Linux's (`dm-0`, `md127`, a volume of Windows). */
function partitionNumber(name: string): number | null {
  const found = LETTERED.exec(name) ?? NUMBERED.exec(name);
  return found === null ? null : Number(found[1] ?? 0);
}
