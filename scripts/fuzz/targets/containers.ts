// Each image format of the registry as a target, without a file of the host: what an image names is a disk of zeros.
import type { ByteSource } from '../../../src/bytes/source.js';
import {
  type ContainerContext,
  type ContainerFormat,
  type Disk,
  layerOf,
  type WrapperFormat,
} from '../../../src/container/container.js';
import { type ContainerEntry, containers } from '../../../src/container/registry.js';
import { NO_SECRETS } from '../../../src/container/secrets.js';
import { SourceError, VirtDfError } from '../../../src/errors.js';
import { openScope } from '../../../src/host/local-scope.js';
import type { HostFile } from '../../../src/host/scope.js';
import { MIB } from '../../../src/limits.js';
import { readDisk } from '../../../test/hostile/container-reading.js';
import { inputSource } from '../input.js';
import type { Target } from '../target.js';

/** They are folders, or known by names. */
const WITHOUT_CONTENT = ['split', 'longhorn', 'clonezilla', 'sparsebundle'];
const MAX_MEMBERS = 16;

export const containerTargets: readonly Target[] = containers
  .filter(({ name }) => !WITHOUT_CONTENT.includes(name))
  .map((entry) => ({
    name: `container/${entry.name}`,
    probes: entry.probes,
    run: (source) => readImage(entry, source),
  }));

async function readImage(entry: ContainerEntry, source: ByteSource): Promise<string> {
  const format = await entry.load();
  const file = hostFile('image', source);
  if (!(await format.probe(file))) return 'foreign';
  const scope = openScope();
  try {
    if ('unwrap' in format) return await unwrap(format, file, contextOf(scope));
    return await open(format, file, contextOf(scope));
  } finally {
    await scope.close();
  }
}

async function open(
  format: ContainerFormat,
  file: HostFile,
  context: ContainerContext,
): Promise<string> {
  const disk = await format.open(file, context);
  let reads = 0;
  // Places that are the same each time, so that the same input takes the same ways.
  await readDisk(disk, (limit) => Math.floor(limit / (2 + reads++)));
  return `disk ${disk.content.sizeBytes}`;
}

async function unwrap(
  format: WrapperFormat,
  file: HostFile,
  context: ContainerContext,
): Promise<string> {
  const members = await format.unwrap(file, context);
  for (const member of members.slice(0, MAX_MEMBERS)) {
    for (const at of [0, Math.floor(member.sizeBytes / 2), member.sizeBytes - 512]) {
      const offset = Math.max(0, at);
      try {
        await member.read(offset, Math.min(512, member.sizeBytes - offset));
      } catch (error) {
        if (!(error instanceof VirtDfError)) throw error;
      }
    }
  }
  return `files ${members.length}`;
}

function hostFile(path: string, source: ByteSource): HostFile {
  const { sizeBytes } = source;
  return { ...source, path, allocationBytes: sizeBytes, physicalBytes: sizeBytes };
}

function contextOf(scope: ContainerContext['scope']): ContainerContext {
  const zeros = hostFile('named', inputSource({ sizeBytes: MIB, pieces: [] }));
  const named: Disk = {
    content: zeros,
    layer: layerOf(zeros, 'raw', { capacityBytes: zeros.sizeBytes }),
  };
  return {
    scope,
    snapshot: null,
    secrets: () => NO_SECRETS,
    async openNamed(_name, _format, check) {
      const difference = check?.(named.layer) ?? null;
      if (difference !== null) throw difference;
      return named;
    },
    siblings: async () => [],
    parentCandidates: async () => [],
    piece: async () => null,
    filesIn: async () => null,
    peek: async () => zeros,
    absent(name) {
      throw new SourceError('NOT_FOUND', `${name} is not there`);
    },
  };
}
