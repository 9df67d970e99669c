// One execution of a target, and the judgement on it: only coded errors, within a second of CPU time and 256 MiB.
import { AssertionError } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { InternalError, VirtDfError } from '../../src/errors.js';
import { type Input, inputSource } from './input.js';
import { type Target, UnsoundError } from './target.js';

const MAX_CPU_MS = 1000;
const MAX_GROWTH_BYTES = 256 * 1024 * 1024;
/** Another program may have made the machine slow: from here on CPU time is measured. */
const SUSPICIOUS_MS = 400;
/** A few frames are enough to tell bugs apart. */
const STACK_FRAMES = 25;
const NAME_LENGTH = 60;

/** What is wrong, in words that are the same for the same bug. */
export interface Failure {
  readonly kind: 'throws' | 'slow' | 'large';
  /** `TypeError at udf/maps.ts:57`. */
  readonly name: string;
  readonly detail: string;
}

export interface Outcome {
  /** A code, or the target's word for what it read. */
  readonly word: string;
  readonly milliseconds: number;
  /** Whether something was thrown that has no code. */
  readonly isBug: boolean;
}

/** Errors are thrown in most executions, and stacks cost more than all else: they are made when a bug is looked at. */
export async function execute(target: Target, input: Input): Promise<Outcome> {
  const start = performance.now();
  let word: string;
  let isBug = false;
  try {
    word = await target.run(inputSource(input));
  } catch (error) {
    isBug = !isExpected(error);
    word = error instanceof VirtDfError ? error.code : 'BUG';
  }
  return { word, milliseconds: performance.now() - start, isBug };
}

function isExpected(error: unknown): boolean {
  return error instanceof VirtDfError && !(error instanceof InternalError);
}

/** Runs the input again to see what is wrong with it; null: nothing. */
export async function failureOf(target: Target, input: Input): Promise<Failure | null> {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = STACK_FRAMES;
  try {
    await target.run(inputSource(input));
    return null;
  } catch (error) {
    return isExpected(error) ? null : thrown(error);
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function thrown(error: unknown): Failure {
  const real = error instanceof InternalError ? (error.cause ?? error) : error;
  const stack = real instanceof Error ? (real.stack ?? String(real)) : String(real);
  const name = real instanceof Error ? real.name : typeof real;
  if (real instanceof UnsoundError || real instanceof AssertionError) {
    const words = real.message.replaceAll(/\d+/gu, 'N').slice(0, NAME_LENGTH);
    return { kind: 'throws', name: `${name} ${words}`, detail: stack };
  }
  const place = /\b(?:src|generated|scripts)\/[\w./-]+\.ts:\d+/u.exec(stack)?.[0] ?? 'nowhere';
  return { kind: 'throws', name: `${name} at ${place}`, detail: stack };
}

/** Measures CPU time, once what took long may have been another program's doing. */
export async function slowness(
  target: Target,
  input: Input,
  milliseconds: number,
): Promise<Failure | null> {
  if (milliseconds < SUSPICIOUS_MS) return null;
  const start = process.cpuUsage();
  await execute(target, input);
  const { user, system } = process.cpuUsage(start);
  const cpuMs = (user + system) / 1000;
  if (cpuMs < MAX_CPU_MS) return null;
  return { kind: 'slow', name: 'slow', detail: `${Math.round(cpuMs)} ms of CPU time` };
}

let collect: (() => void) | undefined;

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  collect ??= runInNewContext('gc') as () => void;
  collect();
}

/** Measures what the input alone makes the process grow by. Only Linux can begin its peak anew. */
export async function growth(target: Target, input: Input): Promise<Failure | null> {
  collectGarbage();
  const before = newPeak();
  await execute(target, input);
  const bytes = peakBytes() - before;
  if (bytes < MAX_GROWTH_BYTES) return null;
  return { kind: 'large', name: 'large', detail: `${Math.round(bytes / 2 ** 20)} MiB more` };
}

/** Lets the peak begin anew: what the process has now. */
export function newPeak(): number {
  writeFileSync('/proc/self/clear_refs', '5');
  return peakBytes();
}

function peakBytes(): number {
  const kib = /^VmHWM:\s+(\d+) kB/mu.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kib ?? 0) * 1024;
}

/** Whether the process has grown so much since its peak began that one execution may be the reason. */
export function hasGrown(baseBytes: number): boolean {
  return peakBytes() - baseBytes > MAX_GROWTH_BYTES;
}
