// Each partition table, volume group and encrypted volume of the registry as a target.
import type { ByteSource } from '../../../src/bytes/source.js';
import { NO_SECRETS } from '../../../src/container/secrets.js';
import { VirtDfError } from '../../../src/errors.js';
import { encrypted, groups, tables } from '../../../src/volume/registry.js';
import type { GroupFormat, TableFormat } from '../../../src/volume/volume.js';
import { type Target, UnsoundError } from '../target.js';

/** Of each volume: where filesystems have their superblocks. */
const LOOK_BYTES = 4096;
const MAX_LOOKS = 64;

export const volumeTargets: readonly Target[] = [
  ...tables.map(({ name, probes, load }) => ({
    name: `volume/${name}`,
    probes,
    run: async (source: ByteSource) => readTable(await load(), source),
  })),
  ...groups.map(({ name, probes, load }) => ({
    name: `volume/${name}`,
    probes,
    run: async (source: ByteSource) => readGroup(await load(), source),
  })),
  ...encrypted.map(({ name, probes, load }) => ({
    name: `volume/${name}`,
    probes,
    async run(source: ByteSource) {
      const format = await load();
      if (!(await format.probe(source))) return 'foreign';
      const volume = await format.open(source);
      await volume.unlock(NO_SECRETS);
      return 'unlocked';
    },
  })),
];

async function readTable(format: TableFormat, source: ByteSource): Promise<string> {
  if (!(await format.probe(source))) return 'foreign';
  const { partitions, problems } = await format.open(source);
  for (const { sizeBytes, endBytes, source: part } of partitions) {
    checkSize(sizeBytes);
    checkSize(endBytes);
    if (endBytes > source.sizeBytes && !(part instanceof VirtDfError)) {
      throw new UnsoundError('a partition ends behind the disk');
    }
  }
  await look(partitions.map((partition) => partition.source));
  return `table ${partitions.length} ${problems.length}`;
}

async function readGroup(format: GroupFormat, source: ByteSource): Promise<string> {
  const isMember = (await format.probe(source)) || (await format.probeEnd?.(source)) === true;
  if (!isMember) return 'foreign';
  await format.member(source);
  const { volumes, problems } = await format.join([{ device: '/dev/sda', source }]);
  for (const { sizeBytes } of volumes) checkSize(sizeBytes);
  await look(volumes.map((volume) => volume.source));
  return `group ${volumes.length} ${problems.length}`;
}

function checkSize(bytes: number): void {
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new UnsoundError(`${bytes} bytes`);
}

async function look(sources: readonly (ByteSource | VirtDfError)[]): Promise<void> {
  for (const source of sources.slice(0, MAX_LOOKS)) {
    if (source instanceof VirtDfError) continue;
    for (const at of [0, source.sizeBytes - LOOK_BYTES]) {
      const offset = Math.max(0, at);
      const length = Math.min(LOOK_BYTES, source.sizeBytes - offset);
      try {
        await source.read(offset, length);
      } catch (error) {
        if (!(error instanceof VirtDfError)) throw error;
      }
    }
  }
}
