// What the drivers of other hypervisors than QEMU mean by the source of a disk: Xen's words before a path, and files whose format is
// not declared because the hypervisor has but one, or tells by the name. It is never looked for in the file, which a guest may write.
// References: libvirt src/libxl/xen_xl.c, src/vmx/vmx.c (virVMXParseDisk), src/vbox/vbox_common.c, src/hyperv/hyperv_driver.c;
// xl-disk-configuration(5), "DEPRECATED PREFIXES"
import { isAbsolute } from 'node:path';

interface MeantSource {
  readonly path: string;
  /** null: raw, as for every disk that declares none. */
  readonly format: string | null;
}

/** `tap:aio:/x`, `phy:vg/lv`, `file:/x` */
const XEN =
  /^(?:(phy|file|aio|qcow2|vhd|raw):|tap2?:(?:tapdisk:)?(?:(aio|qcow2|vhd|raw|sync):)?)(.+)$/su;
const XEN_FORMATS: ReadonlyMap<string, string> = new Map([
  ['qcow2', 'qcow2'],
  ['vhd', 'vpc'],
]);

/** Formats by the end of the name, by the type of the domain. */
const BY_NAME: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  ['vmware', { vmdk: 'vmdk' }],
  ['vbox', { vdi: 'vdi', vmdk: 'vmdk', vhd: 'vpc', hdd: 'parallels', qcow: 'qcow', qed: 'qed' }],
  ['hyperv', { vhdx: 'vhdx', avhdx: 'vhdx', vhd: 'vpc', avhd: 'vpc' }],
  ['vz', { hdd: 'parallels', hds: 'parallels' }],
  ['parallels', { hdd: 'parallels', hds: 'parallels' }],
]);

/** @param domainType that of the <domain>. */
export function meantSource(path: string, domainType: string): MeantSource {
  const [, plain, tap, rest] = isAbsolute(path) ? [] : (XEN.exec(path) ?? []);
  if (domainType === 'xen' && rest !== undefined) {
    // Of a device the folder may be left out.
    const whole = plain === 'phy' && !isAbsolute(rest) ? `/dev/${rest}` : rest;
    return { path: whole, format: XEN_FORMATS.get(plain ?? tap ?? '') ?? null };
  }
  const ending = /\.(\w+)$/u.exec(path)?.[1]?.toLowerCase() ?? '';
  return { path, format: BY_NAME.get(domainType)?.[ending] ?? null };
}
