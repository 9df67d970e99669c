// One filesystem's part in `virt-df map`: who owns the ranges of its devices that are asked about.
import type { ByteSource } from '../../bytes/source.js';
import type { GuestDefinition } from '../../guests/guest.js';
import type { DeviceNode, FilesystemNode } from '../../stack/node.js';
import type { Memory } from '../files/columns.js';
import { withFiles } from '../files/filesystem.js';
import { placeOf } from '../place.js';
import { liesIn } from '../places.js';
import { problemOf } from '../problem.js';
import { identityRecord, NO_NUMBERS, problemRecord } from '../record.js';
import type { FilesystemRecord } from '../report.js';
import { claimsOf } from './owners.js';
import { merged, type Ranges } from './ranges.js';
import type { MapFilesystem } from './record.js';
import type { DeviceClaims } from './rows.js';
import { below, type DevicePiece } from './survey.js';

interface MapWork {
  readonly memory: Memory;
  readonly hasInline: boolean;
  onFiles(count: number): void;
}

/** df's row without numbers: nobody asks for them, and they may take a walk. */
export function rowOf(node: FilesystemNode, guest: GuestDefinition): FilesystemRecord {
  const { filesystem, problem } = node;
  const identity = identityRecord(filesystem);
  const place = placeOf(node, guest);
  if (problem !== null) {
    return { ...problemRecord(place, problemOf(problem, filesystem.type)), ...identity };
  }
  return { ...place, ...NO_NUMBERS, ...identity, problem: null };
}

/** By the device: what of it is whose. */
export interface OwnedDevices {
  readonly filesystem: MapFilesystem;
  readonly claims: ReadonlyMap<DeviceNode, DeviceClaims>;
}

export async function ownedDevices(
  node: FilesystemNode,
  guest: GuestDefinition,
  pieces: ReadonlyMap<DeviceNode, readonly DevicePiece[]>,
  { memory, hasInline, onFiles }: MapWork,
): Promise<OwnedDevices> {
  const record = rowOf(node, guest);
  const devices = below(node);
  const claims = new Map<DeviceNode, DeviceClaims>();
  const { endBytes = null } = node.filesystem;
  const { doubts, problem } = await withFiles(node.filesystem, record, async (reader, told) => {
    const owners = await devicesOf(reader.volumes, devices);
    const wanted = owners.map((device): Ranges => {
      return device === null ? [] : merged(pieces.get(device) ?? []);
    });
    const owned = await claimsOf(reader, wanted, {
      memory,
      doubts: told,
      endBytes,
      hasInline,
      onFiles,
    });
    for (const [volumeIndex, device] of owners.entries()) {
      if (device !== null) claims.set(device, { owned, volumeIndex });
    }
  });
  return { filesystem: { record, doubts, problem, file: null }, claims };
}

/** Which device each of a reader's volumes is; null: none of them. */
export async function devicesOf(
  volumes: readonly ByteSource[],
  devices: readonly DeviceNode[],
): Promise<readonly (DeviceNode | null)[]> {
  const [only] = devices;
  if (volumes.length === 1 && devices.length === 1 && only !== undefined) return [only];
  return Promise.all(
    volumes.map(async (volume) => {
      for (const device of devices) {
        if (device.source !== null && (await liesIn(volume, device.source))) return device;
      }
      return null;
    }),
  );
}
