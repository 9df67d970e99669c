// The texts beside the layers of a Longhorn replica: NAME.img.meta, and volume.meta, which are JSON.
// References: Longhorn longhorn-engine pkg/replica/replica.go: Info, disk.
import { FormatError, VirtDfError } from '../../errors.js';
import type { HostFile } from '../../host/scope.js';
import { printable } from '../../validation/guest.js';
import { type JsonObject, parseObject } from '../../validation/json.js';
import type { ContainerContext } from '../container.js';
import { textOfFile } from '../text-file.js';

/** A path that ends with the name of a layer, which it captures. */
export const LAYER_NAME = /(?:^|\/)(volume-(?:head-\d+|snap-[^/]+)\.img)$/u;
export const REPLICA_META = 'volume.meta';

interface LayerMeta {
  /** The name of the file below; null for the lowest. */
  readonly parent: string | null;
}

interface ReplicaMeta {
  /** The image of a template, below the lowest layer; null if there is none. */
  readonly backingFile: string | null;
}

/** @throws FormatError INVALID, LIMIT; SourceError NOT_FOUND, NOT_ALLOWED. */
export async function readLayer(file: HostFile, context: ContainerContext): Promise<LayerMeta> {
  const name = LAYER_NAME.exec(file.path)?.[1];
  if (name === undefined) {
    const message = `longhorn: ${printable(file.path)} does not have the name of a layer (volume-head-NNN.img)`;
    throw new FormatError('INVALID', message);
  }
  const meta = await readObject(`${name}.meta`, context);
  return { parent: textOf(meta, 'Parent') };
}

/** What volume.meta says; nothing where it is missing, as a layer that was copied alone has none. */
export async function readReplica(context: ContainerContext): Promise<ReplicaMeta> {
  try {
    const meta = await readObject(REPLICA_META, context);
    return { backingFile: textOf(meta, 'BackingFilePath') };
  } catch (error) {
    if (error instanceof VirtDfError && error.code === 'NOT_FOUND') return { backingFile: null };
    throw error;
  }
}

async function readObject(name: string, context: ContainerContext): Promise<JsonObject> {
  return parseMeta(await textOfFile(await context.peek(name), name), name);
}

/** @throws FormatError INVALID, LIMIT. */
export function parseMeta(text: string, name: string): JsonObject {
  return parseObject(text, `longhorn: ${printable(name)}`);
}

/** A text that is not empty; null without one. */
export function textOf({ fields }: JsonObject, name: string): string | null {
  const value = fields.get(name);
  return typeof value === 'string' && value !== '' ? value : null;
}
