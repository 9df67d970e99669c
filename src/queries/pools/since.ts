// An earlier `virt-df pools --json`, and how pools filled since.
import { UsageError } from '../../errors.js';
import type { PoolFilesystem, PoolTrend } from './record.js';

const SCHEMA = 'virt-df-pools/1';

export interface EarlierPools {
  readonly generatedMs: number;
  /** By mount point. */
  readonly usedBytes: ReadonlyMap<string, number>;
}

/** @param text what was printed then; `path` names it in the error. @throws UsageError USAGE if it is none. */
export function earlierPools(text: string, path: string): EarlierPools {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError('USAGE', `--since ${path} is no JSON: ${why}`);
  }
  const { schema, generated_at: at, pools } = Object(document) as Record<string, unknown>;
  const generatedMs = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  if (schema !== SCHEMA || !Array.isArray(pools) || Number.isNaN(generatedMs)) {
    const message = `--since ${path} is no output of virt-df pools --json (${SCHEMA})`;
    throw new UsageError('USAGE', message, { data: { path } });
  }
  const entries = pools.flatMap((pool: unknown): [string, number][] => {
    const { mount_point: point, used_bytes: used } = Object(pool) as Record<string, unknown>;
    return typeof point === 'string' && isCount(used) ? [[point, used]] : [];
  });
  return { generatedMs, usedBytes: new Map(entries) };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** null: it was not there, or no time has passed. */
export function trendOf(
  { mountPoint, usedBytes, availBytes }: PoolFilesystem,
  earlier: EarlierPools | null,
  nowMs: number,
): PoolTrend | null {
  const before = mountPoint === null ? undefined : earlier?.usedBytes.get(mountPoint);
  if (earlier === null || before === undefined || nowMs <= earlier.generatedMs) return null;
  const bytesPerSecond = ((usedBytes - before) * 1000) / (nowMs - earlier.generatedMs);
  const secondsToFull = bytesPerSecond > 0 ? availBytes / bytesPerSecond : null;
  return { sinceMs: earlier.generatedMs, bytesPerSecond, secondsToFull };
}
