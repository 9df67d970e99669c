// Where a disk is on the buses of its guest, as one text: `0000:00:08.0` on PCI, `0000:00:05.0/0.0.1` at a controller that is there. The
// agent in the guest tells the same of its disks.
// References: https://libvirt.org/formatdomain.html#device-addresses; libvirt src/conf/domain_conf.c (virDomainDiskByAddress); QEMU
// docs/interop/qemu-ga-ref (GuestPCIAddress, GuestDiskAddress)
import { attribute, element, elements, type XmlElement } from './xml.js';

/** Of a disk in the <devices>; null: it has none, or none on PCI. */
export function diskAddress(disk: XmlElement, devices: XmlElement | null): string | null {
  const address = element(disk, 'address');
  const own = pciOf(address);
  if (own !== null || attribute(address, 'type') !== 'drive') return own;
  const bus = attribute(element(disk, 'target'), 'bus');
  const controller = elements(devices, 'controller').find(
    (one) =>
      attribute(one, 'type') === bus &&
      attribute(one, 'index') === attribute(address, 'controller'),
  );
  const on = pciOf(controller === undefined ? null : element(controller, 'address'));
  return on === null ? null : driveAddress(on, numbers(address, ['bus', 'target', 'unit']));
}

/** The numbers are the domain, the bus, the slot and the function. */
export function pciAddress([domain = 0, bus = 0, slot = 0, fn = 0]: readonly number[]): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  return `${hex(domain, 4)}:${hex(bus, 2)}:${hex(slot, 2)}.${hex(fn, 1)}`;
}

/** The numbers are the bus, the target and the unit. */
export function driveAddress(controller: string, place: readonly number[]): string {
  return `${controller}/${place.join('.')}`;
}

function pciOf(address: XmlElement | null): string | null {
  if (attribute(address, 'type') !== 'pci') return null;
  return pciAddress(numbers(address, ['domain', 'bus', 'slot', 'function']));
}

/** `0x08`, `8`. */
function numbers(address: XmlElement | null, names: readonly string[]): readonly number[] {
  return names.map((name) => {
    const value = attribute(address, name) ?? '0';
    return /^(?:0x[0-9a-f]{1,8}|\d{1,9})$/iu.test(value) ? Number(value) : 0;
  });
}
