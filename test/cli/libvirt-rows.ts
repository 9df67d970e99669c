// What the end-to-end tests of libvirt share: the built virt-df, its JSON, and disks for domains.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

interface Filesystem {
  readonly guest: string;
  readonly uuid: string | null;
  readonly uri: string | null;
  readonly access: string | null;
  readonly device: string;
  readonly label: string | null;
  readonly used_bytes: number | null;
  readonly avail_bytes: number | null;
  readonly problem: { readonly code: string; readonly message: string } | null;
}

export interface Output {
  readonly guests: readonly {
    readonly guest: string;
    readonly state: string | null;
    readonly uri: string | null;
    readonly disks: readonly { readonly target: string | null; readonly path: string | null }[];
  }[];
  readonly filesystems: readonly Filesystem[];
  readonly summary: { readonly used_bytes: number };
  readonly problems: readonly { readonly guest: string; readonly code: string }[];
}

/** Runs the built virt-df. */
export function df(
  args: readonly string[],
  options: { readonly uid?: number; readonly env?: NodeJS.ProcessEnv } = {},
) {
  const result = spawnSync(process.execPath, [resolve('dist/virt-df.js'), ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    ...options,
  });
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

/** What `--json` printed, when the exit code is the one expected. */
export function json(
  args: readonly string[],
  expectedStatus: number,
  options: Parameters<typeof df>[1] = {},
): Output {
  const { status, stdout, stderr } = df(['--json', ...args], options);
  assert.equal(status, expectedStatus, `${stdout}${stderr}`);
  return JSON.parse(stdout);
}

/** The rows of a guest, without what says whose they are. */
export function rows(output: Output, guest?: string): readonly object[] {
  return output.filesystems
    .filter((row) => guest === undefined || row.guest === guest)
    .map(({ guest: _guest, uuid: _uuid, uri: _uri, ...row }) => row);
}

/** A disk of a domain's XML. */
export const disk = (path: string, format: string, target: string) =>
  `<disk type='file' device='disk'><driver name='qemu' type='${format}'/><source file='${path}'/>
   <target dev='${target}' bus='virtio'/></disk>`;
