// A filesystem that its specification describes completely (BFS, romfs): its entry in the catalog and its generated `read`
// become a FilesystemFormat.
// References: the -virt-df keys, docs/adding-a-filesystem.md.

import type { ByteSource } from '../bytes/source.js';
import { FormatError, VirtDfError } from '../errors.js';
import type { Filesystem, FilesystemFormat } from '../filesystem/filesystem.js';
import type { ByteOrder, DeclarativeModule, Spec, SpecProbe, Window } from '../kaitai/index.js';
import { placed } from '../kaitai/signature.js';
import { MIB } from '../limits.js';
import { endOf, identityOf, usageOf } from './claims.js';

/** The largest window that a format may ask for. */
export const MAX_WINDOW_BYTES = MIB;

/** What is needed of a specification to recognise and read its format. */
type Described = Pick<Spec, 'name' | 'kind' | 'understood' | 'probes' | 'window'>;

const NO_WINDOW: Window = { offsetBytes: 0, sizeBytes: 0 };

/** A signature of fewer bytes matches by chance; the format is then recognised only if all its fields are valid. */
const STRONG_SIGNATURE_BYTES = 4;

export function declarative(spec: Described, { read }: DeclarativeModule): FilesystemFormat {
  const open = async (source: ByteSource, order: ByteOrder | undefined): Promise<Filesystem> => {
    const claims = read(await readWindow(source, spec), order);
    const endBytes = endOf(claims);
    return {
      kind: kindOf(spec),
      ...identityOf(claims),
      ...(endBytes === null ? {} : { endBytes }),
      isUnread: spec.understood === 'detected',
      usage: () => usageOf(spec.name, claims, source),
    };
  };
  return {
    name: spec.name,
    async probe(source) {
      const match = await firstMatch(source, spec);
      if (match === null) return false;
      if (signatureBytes(match) >= STRONG_SIGNATURE_BYTES) return true;
      return isSound(async () => {
        const found = await open(source, match.order);
        if (spec.understood === 'usage') await found.usage('guest');
      });
    },
    async open(source) {
      return open(source, (await firstMatch(source, spec))?.order);
    },
  };
}

async function isSound(check: () => Promise<void>): Promise<boolean> {
  try {
    await check();
    return true;
  } catch (error) {
    // A format whose only fault is that the volume is too small for it was truncated, and is recognised.
    if (error instanceof FormatError) return error.code === 'TRUNCATED';
    throw error;
  }
}

/** The bytes of the window that the source has; the parser throws if it needs more. */
async function readWindow(source: ByteSource, spec: Described): Promise<Uint8Array> {
  const { offsetBytes, alignBytes = 1, sizeBytes } = spec.window ?? NO_WINDOW;
  if (sizeBytes > MAX_WINDOW_BYTES) {
    throw new VirtDfError(
      'BAD_FORMAT_FILE',
      `${spec.name}: a window of ${sizeBytes} bytes is larger than ${MAX_WINDOW_BYTES}`,
    );
  }
  const { at } = placed(source, { at: offsetBytes, align: alignBytes, magic: [] });
  const start = Math.max(0, Math.min(at, source.sizeBytes));
  return source.read(start, Math.min(sizeBytes, source.sizeBytes - start));
}

/** The first alternative of the specification that the source matches. */
async function firstMatch(source: ByteSource, spec: Described): Promise<SpecProbe | null> {
  for (const probe of spec.probes) if (await matches(source, probe)) return probe;
  return null;
}

async function matches(source: ByteSource, probe: SpecProbe): Promise<boolean> {
  for (const signature of probe.all) {
    const { at, magic } = placed(source, signature);
    if (at < 0 || magic.length > source.sizeBytes - at) return false;
    const bytes = await source.read(at, magic.length);
    if (magic.some((byte, i) => bytes[i] !== byte)) return false;
  }
  return probe.all.length > 0;
}

function signatureBytes(probe: SpecProbe): number {
  return probe.all.reduce((sum, { magic }) => sum + magic.length, 0);
}

function kindOf({ kind }: Described): Filesystem['kind'] {
  return kind === 'swap' || kind === 'other' ? kind : 'filesystem';
}
