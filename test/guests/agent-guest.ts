// A guest with an agent that boots in some seconds (scripts/images/agent_guest.py): commands run in it, and what its kernel says of its
// filesystems is compared with what virt-df says of them from outside.
// References: QEMU docs/interop/qemu-ga-ref (guest-exec, guest-exec-status)
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { missing } from '../tools.js';
import { missingQemu, QEMU, run } from './fixtures.js';

const ROOT = process.env.VIRT_DF_KERNEL_ROOT ?? '/';
const BOOT_SECONDS = 180;
const COMMAND_SECONDS = 120;

/** Where the guest has its filesystems, and what virt-df calls them. */
export const DEVICES: Readonly<Record<string, string>> = {
  '/mnt/part': '/dev/sda1',
  '/mnt/xfs': '/dev/sdb',
  '/mnt/one': '/dev/vg/one',
  '/mnt/two': '/dev/vg/two',
  '/mnt/btrfs': '/dev/sdd',
};

/** Why such a guest cannot be had, or false. */
export function missingAgentGuest(): string | false {
  const tool =
    missing({
      lvm: 'lvm2',
      sfdisk: 'fdisk',
      'mkfs.xfs': 'xfsprogs',
      'mkfs.btrfs': 'btrfs-progs',
      cpio: 'cpio',
      lz4: 'lz4',
    }) || missingQemu();
  if (tool !== false) return tool;
  const hasKernel = ['boot', 'lib/modules'].every((folder) => {
    const path = join(ROOT, folder);
    return existsSync(path) && readdirSync(path).length > 0;
  });
  const has = (path: string) => existsSync(join(ROOT, path));
  if (hasKernel && has('usr/sbin/qemu-ga') && has('bin/busybox')) return false;
  return 'needs linux-image-cloud-amd64, qemu-guest-agent and busybox-static of Debian below VIRT_DF_KERNEL_ROOT, where .ci/run unpacks them';
}

export interface AgentGuest {
  readonly name: string;
  readonly virsh: (...args: readonly string[]) => string;
  /** Runs a command in the guest, and gives what it printed. */
  readonly inside: (command: string) => Promise<string>;
  readonly remove: () => void;
}

/** Makes it in a folder that QEMU's user may enter, and waits until its agent answers. */
export async function startAgentGuest(folder: string, name: string): Promise<AgentGuest> {
  run('/usr/bin/python3', 'scripts/images/agent_guest.py', folder, name);
  const virsh = (...args: readonly string[]) => run('virsh', '--quiet', '-c', QEMU, ...args);
  virsh('create', join(folder, `${name}.xml`));
  const ask = (execute: string, args: object = {}) =>
    JSON.parse(
      virsh(
        'qemu-agent-command',
        name,
        JSON.stringify({ execute, arguments: args }),
        '--timeout',
        '30',
      ),
    ).return;
  const guest: AgentGuest = {
    name,
    virsh,
    async inside(command) {
      const shell = { path: '/bin/sh', arg: ['-c', command], 'capture-output': true };
      const { pid } = ask('guest-exec', shell);
      for (let tries = 0; tries < COMMAND_SECONDS * 4; tries++) {
        const status = ask('guest-exec-status', { pid });
        const text = (part: string) => Buffer.from(status[part] ?? '', 'base64').toString();
        if (status.exited) return text('out-data') + text('err-data');
        await sleep(250);
      }
      throw new Error(`the guest did not end within ${COMMAND_SECONDS} s: ${command}`);
    },
    remove: () => virsh('destroy', name),
  };
  const endMs = Date.now() + BOOT_SECONDS * 1000;
  for (;;) {
    const answer = spawnSync('virsh', [
      '-q',
      '-c',
      QEMU,
      'qemu-agent-command',
      name,
      '{"execute":"guest-ping"}',
    ]);
    if (answer.status === 0) return guest;
    if (Date.now() > endMs) {
      guest.remove();
      throw new Error(`its agent does not answer: ${answer.stderr}`);
    }
    await sleep(2000);
  }
}

/** The numbers of a filesystem. */
export interface Numbers {
  readonly size: number | null;
  readonly used: number | null;
  readonly avail: number | null;
}

/** What the kernel in the guest says, by our names of devices. */
export async function kernelNumbers({ inside }: AgentGuest): Promise<Record<string, Numbers>> {
  const printed = await inside(
    `busybox stat -f -c '%n %b %f %a %S' ${Object.keys(DEVICES).join(' ')}`,
  );
  const lines = printed.trim().split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const [path = '', ...words] = line.split(' ');
      const [blocks = 0, free = 0, avail = 0, size = 0] = words.map((word) =>
        Number.parseInt(word, 10),
      );
      const numbers = { size: blocks * size, used: (blocks - free) * size, avail: avail * size };
      return [DEVICES[path] ?? path, numbers];
    }),
  );
}

export interface Row {
  readonly device: string;
  readonly mountpoint: string | null;
  readonly basis: string;
  readonly stale: boolean;
  readonly size_bytes: number | null;
  readonly used_bytes: number | null;
  readonly avail_bytes: number | null;
  readonly live?: {
    readonly match: string;
    readonly mountpoints: readonly string[];
    readonly disk_used_bytes: number | null;
  };
}

export interface Printed {
  readonly status: number | null;
  readonly rows: readonly Row[];
  readonly problems: readonly {
    readonly device: string | null;
    readonly code: string;
    readonly message: string;
  }[];
  readonly reads: number;
}

/** What virt-df says of the guest from outside. */
export function printed({ name }: AgentGuest, ...flags: readonly string[]): Printed {
  const args = [resolve('dist/virt-df.js'), '--json', '-c', QEMU, '-d', name, ...flags];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  const { filesystems, problems, summary } = JSON.parse(stdout);
  return { status, rows: filesystems, problems, reads: summary.reads };
}

/** The numbers of rows, by device. */
export function numbersOf(rows: readonly Row[]): Record<string, Numbers> {
  return Object.fromEntries(
    rows.map(({ device, size_bytes, used_bytes, avail_bytes }) => [
      device,
      { size: size_bytes, used: used_bytes, avail: avail_bytes },
    ]),
  );
}
