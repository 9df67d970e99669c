// A filesystem that its specification describes completely (BFS, romfs): its entry in the catalog and its generated `read`
// become a FilesystemFormat.
// References: the -virt-df keys, docs/adding-a-filesystem.md.

import { orNull } from '../bytes/sound.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError } from '../errors.js';
import { orDoubt } from '../filesystem/doubts.js';
import type { FilesystemIdentity } from '../filesystem/fault.js';
import type { FileWalk } from '../filesystem/files.js';
import type { Filesystem, FilesystemFormat, Usage } from '../filesystem/filesystem.js';
import type { ByteOrder, DeclarativeModule, Spec, SpecProbe } from '../kaitai/index.js';
import { placed } from '../kaitai/signature.js';
import { readWindow } from '../kaitai/window.js';
import type { Check } from './checked.js';
import { endOf, identityOf, usageOf } from './claims.js';
import type { Refine } from './refined.js';
import type { ReadFiles } from './with-files.js';

/** What is needed of a specification to recognise and read its format. */
type Described = Pick<
  Spec,
  'name' | 'kind' | 'understood' | 'openedBy' | 'isEncrypted' | 'probes' | 'window'
>;

/** What the specification cannot say. */
interface Code {
  readonly refine?: Refine | undefined;
  readonly check?: Check | undefined;
  readonly readFiles?: ReadFiles | undefined;
}

/** A signature of fewer bytes matches by chance; the format is then recognised only if all its fields are valid. */
const STRONG_SIGNATURE_BYTES = 4;

export function declarative(
  spec: Described,
  { read }: DeclarativeModule,
  { refine, check, readFiles }: Code = {},
): FilesystemFormat {
  const open = async (source: ByteSource, order: ByteOrder | undefined): Promise<Filesystem> => {
    const bytes = await readWindow(source, spec);
    const claims = read(bytes, order);
    const endBytes = endOf(claims);
    const refined = refine && (await orNull(() => refine(source, bytes, order ?? 'le')));
    const usage = async (): Promise<Usage> => {
      const known = await usageOf(spec, claims, source);
      if (check === undefined) return known;
      const fault = await orDoubt(() => check(source, bytes, order ?? 'le'));
      return fault === undefined ? known : { ...known, doubts: [...known.doubts, fault] };
    };
    const files = readFiles && {
      // What makes df's row doubtful makes the files so.
      async files(walk: FileWalk) {
        const { doubts } = await usage();
        for (const error of doubts) walk.onDoubt({ id: null, error });
        return readFiles(source, bytes, walk);
      },
    };
    return {
      kind: kindOf(spec),
      ...refinedIdentity(identityOf(claims), refined),
      ...(endBytes === null ? {} : { endBytes }),
      isUnread: spec.understood === 'detected',
      usage,
      ...files,
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
    if (!Buffer.from(magic, 'latin1').equals(bytes)) return false;
  }
  return probe.all.length > 0;
}

function signatureBytes(probe: SpecProbe): number {
  return probe.all.reduce((sum, { magic }) => sum + magic.length, 0);
}

function kindOf({ kind }: Described): Filesystem['kind'] {
  return kind === 'swap' || kind === 'other' ? kind : 'filesystem';
}

/** A label that stands in the place of another one has none of its bytes. */
function refinedIdentity(
  { labelBytes, ...identity }: FilesystemIdentity,
  refined: Awaited<ReturnType<Refine>> | null | undefined,
): FilesystemIdentity {
  const bytes = labelBytes === undefined || refined?.label !== undefined ? {} : { labelBytes };
  return { ...identity, ...bytes, ...refined };
}
