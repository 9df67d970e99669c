// What the tests of volumes need of the machine: tools, and a place for images.
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { toolEnv } from '../../tools.js';

export function run(tool: string, args: readonly string[], input = ''): string {
  const options: ExecFileSyncOptionsWithStringEncoding = {
    encoding: 'utf8',
    env: toolEnv,
    input,
    stdio: ['pipe', 'pipe', 'pipe'],
  };
  return execFileSync(tool, args, options);
}

/** An empty image that lives as long as the test. */
export function emptyImage(context: TestContext, sizeBytes: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-volume-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'disk.img');
  writeFileSync(path, '');
  truncateSync(path, sizeBytes);
  return path;
}

export interface PartxRow {
  readonly number: number;
  readonly startBytes: number;
  readonly sizeBytes: number;
  readonly typeCode: string;
  readonly uuid: string | null;
}

/** What libblkid finds, which numbers partitions as the kernel does. */
export function partx(path: string, sectorSizeBytes = 512): readonly PartxRow[] {
  const columns = ['-rgo', 'NR,START,SECTORS,TYPE,UUID', '-S', `${sectorSizeBytes}`, path];
  return run('partx', columns)
    .trim()
    .split('\n')
    .map((line) => {
      const [number, start, sectors, type = '', uuid = ''] = line.split(' ');
      // partx counts in 512 bytes whatever the sector size is.
      return {
        number: Number(number),
        startBytes: Number(start) * 512,
        sizeBytes: Number(sectors) * 512,
        typeCode: type.replace(/^0x(.)$/u, '0x0$1'),
        uuid: uuid === '' ? null : uuid,
      };
    });
}
