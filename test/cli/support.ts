// Runs the built command line.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { missing } from '../tools.js';

export const BIN = resolve('dist/virt-df.js');
export const EXT4 = resolve('images/ext4-default.qcow2');
export const XFS = resolve('images/xfs-default.qcow2');
export const GPT = resolve('images/gpt-ext4.qcow2');

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An environment in which nothing of the user's own counts. */
export const ENV = { PATH: process.env.PATH, HOME: '/nonexistent', LANG: 'C.UTF-8' };

/** @param input what it reads on stdin. */
export function virtDf(args: readonly string[], env: NodeJS.ProcessEnv = {}, input = ''): Result {
  const options = { encoding: 'utf8', env: { ...ENV, ...env }, input } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], options);
  return { code: status, stdout, stderr };
}

/** As `virtDf`, beside others. */
export function virtDfBeside(args: readonly string[]): Promise<Result> {
  return new Promise((resolve) => {
    const options = { encoding: 'utf8', env: ENV } as const;
    const child = execFile(process.execPath, [BIN, ...args], options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

/** What is left on the terminal when the work is done: on a busy machine it lasts long enough for a line of progress. */
export function withoutProgress(text: string): string {
  const pieces = text.split('\r\u001b[K');
  return pieces
    .filter((piece) => !/^virt-df: (?:\d+\/\d+|looking for guests)/u.test(piece))
    .join('');
}

/** The line of progress, which a busy machine may show of any run, and what removes it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a terminal is sent.
const PROGRESS = /(?:\r\u001b\[K[^\r\n]*)*\r\u001b\[K/gu;

/** What a terminal is left with that both stdout and stderr are written to. */
export function onTerminal(args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  return sentToTerminal(args, env).replace(PROGRESS, '');
}

/** All that such a terminal is sent, lines of progress among it. */
export function sentToTerminal(args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const command = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(' ');
  const options = { encoding: 'utf8', env: { ...ENV, TERM: 'xterm', ...env } } as const;
  const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], options);
  return stdout.replaceAll('\r\n', '\n');
}

/** Why a test of the terminal cannot run; false if it can. */
export const noTerminal = missing({ script: 'bsdutils' });

export const noImages = existsSync(EXT4) ? false : 'needs images/';
