// Which of several sound filesystems a source holds. A signature that lies among what another filesystem owns is left from
// before it was made, or is a file of it: an ISO image that an XFS has in its block 8, 32 KiB from its beginning.
//
//   0           2 KiB        32 KiB                          end
//   | XFS: its headers | XFS: trees, inodes, files ............|    the ISO's signature lies in what XFS owns: XFS holds
//   | ISO: left to boot loaders | ISO: descriptors, files .....|    that of XFS does not lie in what the ISO owns
//
// Reference: detection.ts has the pairs that this does not decide, and why.
import type { ByteSource } from '../bytes/source.js';
import { FormatError, UnsupportedError } from '../errors.js';
import type { Filesystem } from '../filesystem/filesystem.js';
import type { FilesystemEntry } from '../filesystem/registry.js';
import { signatureOffset } from '../kaitai/signature.js';
import { HYBRIDS, type Pair, WINS_OVER } from './detection.js';

/** A candidate that opened. */
export interface Sound {
  readonly entry: FilesystemEntry;
  readonly filesystem: Filesystem;
}

/** A candidate with what decides: where its signature is, what it owns, and how much of it is whole. */
interface Claimant {
  readonly sound: Sound;
  readonly signatureBytes: number;
  readonly ownsFromBytes: number;
  readonly endBytes: number;
  /** `read`: its numbers could be read; `torn`: they could not, or it ends behind the source; `unknown`: nobody reads them. */
  readonly state: 'read' | 'torn' | 'unknown';
}

const SECTOR_BYTES = 512;

const WINNERS = pairSet(WINS_OVER);
const HYBRID_WINNERS = pairSet(HYBRIDS);

/** Those that no other one beats: one, or several where no rule says which one holds. */
export async function unbeaten(
  source: ByteSource,
  sound: readonly Sound[],
): Promise<readonly Sound[]> {
  const left = without(sound, (winner, loser) => isPair(WINNERS, winner, loser));
  if (left.length < 2) return left;
  const claimants: Claimant[] = [];
  for (const one of left) claimants.push(await claimant(source, one));
  return without(claimants, beats).map((one) => one.sound);
}

/** Those of a list that none of the others beats. */
function without<T>(all: readonly T[], wins: (winner: T, loser: T) => boolean): readonly T[] {
  return all.filter((one) => !all.some((other) => other !== one && wins(other, one)));
}

async function claimant(source: ByteSource, sound: Sound): Promise<Claimant> {
  const { entry, filesystem } = sound;
  const signatureBytes = (await signatureOffset(source, entry)) ?? 0;
  const ownsFromBytes =
    filesystem.ownsFromBytes ?? signatureBytes - (signatureBytes % SECTOR_BYTES);
  const endBytes = filesystem.endBytes ?? source.sizeBytes;
  const state = await stateOf(filesystem, source.sizeBytes);
  return { sound, signatureBytes, ownsFromBytes, endBytes, state };
}

async function stateOf(
  { isUnread, usage, endBytes }: Filesystem,
  sizeBytes: number,
): Promise<Claimant['state']> {
  if (isUnread === true) return 'unknown';
  if (endBytes !== undefined && endBytes > sizeBytes) return 'torn';
  try {
    await usage('guest');
    return 'read';
  } catch (error) {
    if (error instanceof FormatError) return error.code === 'LIMIT' ? 'unknown' : 'torn';
    if (error instanceof UnsupportedError) return 'unknown';
    throw error;
  }
}

/**
 * What is whole beats what is torn. Of two that are whole, the owner of the other's place wins: whatever makes a filesystem
 * clears what lies before its own signature, so that one before it is newer (tried with fifteen mkfs programs).
 */
function beats(one: Claimant, other: Claimant): boolean {
  if (one.state !== other.state) {
    if (one.state === 'torn') return false;
    if (one.state === 'read' && other.state === 'torn') return true;
  }
  const isOwner = owns(one, other);
  if (isOwner !== owns(other, one)) return isOwner;
  return isPair(HYBRID_WINNERS, one.sound, other.sound);
}

function owns({ ownsFromBytes, endBytes }: Claimant, { signatureBytes }: Claimant): boolean {
  return ownsFromBytes <= signatureBytes && signatureBytes < endBytes;
}

function isPair(pairs: ReadonlySet<string>, winner: Sound, loser: Sound): boolean {
  return pairs.has(`${winner.entry.name} ${loser.entry.name}`);
}

function pairSet(pairs: readonly Pair[]): ReadonlySet<string> {
  return new Set(pairs.map(([winner, loser]) => `${winner} ${loser}`));
}
