// A volume that begins with a partition table of its own is the disk of another machine, which the guest runs as a hypervisor: its
// kernel shows no partitions there, and what lies on them is neither its own nor is it mixed with that.
// References: Proxmox VE, pveum "Storage: LVM" (vm-VMID-disk-N); libvirt "Storage pools", logical (a volume is a disk).
import type { Detected } from './detect.js';
import { diskDevice } from './device-name.js';
import type { DeviceNode, VolumeNode } from './node.js';

/** Between the machine's name and its device: `/dev/vg/vm-101:/dev/sda1`. */
const WITHIN = ':';
/** Proxmox names each disk of a machine so, also one that is a template, a cloud-init or a state. */
const OF_PROXMOX = /^(.*\/(?:vm|base)-\d+)-(?:disk|cloudinit|state)-?[^/]*$/u;

type TableFound = Extract<Detected, { kind: 'table' }>;

/** A disk of a machine within, and the table that was found there. */
interface DiskWithin {
  readonly disk: VolumeNode;
  readonly found: TableFound;
}

/** The machines within by name, each with its disks in the order in which they were found. */
export type MachinesWithin = Map<string, DiskWithin[]>;

/** Takes the volume for the next disk of its machine. */
export function addDisk(machines: MachinesWithin, volume: DeviceNode, found: TableFound): void {
  const machine = OF_PROXMOX.exec(volume.device)?.[1] ?? volume.device;
  const disks = machines.get(machine) ?? [];
  machines.set(machine, disks);
  const { disk, source, sizeBytes } = volume;
  const nothing = { uuid: null, identity: null, problem: null, doubts: [] };
  const device = prefixOf(machine) + diskDevice(disks.length);
  const own = { kind: 'volume' as const, device, disk, source, sizeBytes, isDisk: true };
  disks.push({ disk: { ...own, ...nothing, parents: [volume] }, found });
}

/** What the names of a machine's devices begin with. */
export function prefixOf(machine: string): string {
  return machine + WITHIN;
}

/** Whether a device is one of a machine within. */
export function isWithin(device: string): boolean {
  return device.includes(`${WITHIN}/`);
}
