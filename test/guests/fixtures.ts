// What the libvirt tests share: tools, real formatted disks, and virsh as the judge.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missing, toolEnv } from '../tools.js';

/** Why a test with real qemu domains cannot run, or false. */
export function missingQemu(): string | false {
  const tool = missing({
    virsh: 'libvirt-clients',
    'qemu-img': 'qemu-utils',
    'qemu-system-x86_64': 'qemu-system-x86',
    'mkfs.ext4': 'e2fsprogs',
    losetup: 'mount',
  });
  if (tool !== false) return tool;
  if (process.getuid?.() !== 0) return 'needs root, to start domains';
  try {
    run('virsh', '--connect', 'qemu:///system', 'version');
    return false;
  } catch {
    return 'needs a running libvirtd (Debian: libvirt-daemon-system; scripts/test-services.sh starts it)';
  }
}

/** Runs a program and returns what it printed. */
export function run(tool: string, ...args: readonly string[]): string {
  return execFileSync(tool, args, {
    env: toolEnv,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
  });
}

/** A folder that qemu's user may enter, with a clean-up. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'virt-df-libvirt-')));
  chmodSync(path, 0o755);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A raw image with an ext4 that has `label`. */
export function makeExt4(path: string, label: string, sizeMib = 16): string {
  run('qemu-img', 'create', '-q', '-f', 'raw', path, `${sizeMib}M`);
  run('mkfs.ext4', '-q', '-F', '-L', label, path);
  return path;
}

/** What virsh says of a disk; the format is the one in the XML, raw when it has none. */
export interface VirshDisk {
  readonly target: string;
  readonly source: string;
  readonly format: string;
}

export interface VirshGuest {
  readonly name: string;
  readonly uuid: string;
  readonly state: string;
  /** Those of device disk or lun that have a source. */
  readonly disks: readonly VirshDisk[];
}

/**
 * What virsh says of the domains of a libvirt; `options` are those of `virsh list`.
 * @param prefix only those whose names begin so are asked about: other tests' domains may be gone by then.
 */
export function virshGuests(
  uri: string,
  options: readonly string[],
  prefix = '',
): readonly VirshGuest[] {
  const virsh = (...args: readonly string[]) => run('virsh', '--quiet', '--connect', uri, ...args);
  const names = virsh('list', '--name', ...options)
    .split('\n')
    .filter((name) => name !== '' && name.startsWith(prefix));
  return names.sort().map((name) => ({
    name,
    uuid: virsh('domuuid', name).trim(),
    state: virsh('domstate', name).trim(),
    disks: virsh('domblklist', name, '--details')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, device, , source]) => (device === 'disk' || device === 'lun') && source !== '-')
      .map(([, , target = '', source = '']) => {
        const disk = virsh('dumpxml', name, '--xpath', `//disk[target/@dev='${target}']`);
        const format = /<driver [^>]*\btype=["'](\w+)["']/.exec(disk)?.[1] ?? 'raw';
        return { target, source, format };
      }),
  }));
}

/** A small qemu domain without an operating system. */
export function domainXml(name: string, disks: string): string {
  return `<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='pc'>hvm</type></os><features><acpi/></features>
    <devices>${disks}</devices></domain>`;
}

/** The libvirt of this machine, whose other domains no test touches. */
export const QEMU = 'qemu:///system';

export interface QemuDomains {
  /** What the names of the test's domains begin with. */
  readonly prefix: string;
  readonly virsh: (...args: readonly string[]) => string;
  /** Defines a domain with these disks and returns its name. */
  readonly define: (name: string, disks: string) => string;
  /** Stops and undefines all that were defined. */
  readonly removeAll: () => void;
}

/** Domains for a test; their XML is written into `folder`. */
export function qemuDomains(folder: string): QemuDomains {
  const prefix = `virtdf-test-${process.pid}-`;
  const virsh = (...args: readonly string[]) => run('virsh', '--quiet', '-c', QEMU, ...args);
  const defined: string[] = [];
  return {
    prefix,
    virsh,
    define(name, disks) {
      const domain = prefix + name;
      const file = join(folder, `${name}.xml`);
      writeFileSync(file, domainXml(domain, disks));
      virsh('define', file);
      defined.push(domain);
      return domain;
    },
    removeAll() {
      for (const domain of defined) {
        for (const action of ['destroy', 'undefine']) {
          try {
            virsh(action, domain);
          } catch {
            // It does not run, or is not there any more.
          }
        }
      }
    },
  };
}
