// Runs tools of the machine by a small shell that stays: the kernel copies the page tables of whoever starts a program, so that
// a test that reads disks pays 10 to 30 ms of CPU time for each, and the shell 4.
// References: POSIX.1-2017, Shell Command Language, 2.2.2 and 2.9.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { promisify } from 'node:util';

export interface RunOptions {
  readonly cwd?: string;
  /** Default: that of the test. */
  readonly env?: NodeJS.ProcessEnv;
  /** Default: nothing. */
  readonly input?: string;
}

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
}

/** A tool that failed, with what it printed. */
export class RunError extends Error {
  override readonly name = 'RunError';
  /** As the shell has it: 127 if there is no such tool, 128 and the signal's number if one ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;

  constructor(command: string, code: number, { stdout, stderr }: Ran) {
    super(`${command} ended with ${code}\n${stderr}`);
    this.code = code;
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

interface Shell {
  readonly child: ChildProcess;
  /** It answers each command with a line: its code. */
  readonly answers: Interface;
  /** Where the files lie that a tool reads and prints into. */
  readonly folder: string;
}

let shell: Shell | undefined;
const startEnv = { ...process.env };
let last: Promise<unknown> = Promise.resolve();

/** Runs a program that mostly waits beside others: partclone sleeps two seconds for its own progress. */
export const runBeside = promisify(execFile);

/**
 * Runs a program to its end; one after the other, however many are asked for at once.
 * @throws RunError if it ends with another code than 0.
 */
export function run(
  program: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<Ran> {
  const result = last.then(() => runNow([program, ...args], options));
  last = result.catch(() => undefined);
  return result;
}

async function runNow(words: readonly string[], options: RunOptions): Promise<Ran> {
  shell ??= startShell();
  const { child, answers, folder } = shell;
  const [input, out, err] = ['in', 'out', 'err'].map((name) => join(folder, name)) as Paths;
  writeFileSync(input, options.input ?? '');
  const parts = [...changes(options.env), `exec ${words.map(quoted).join(' ')}`];
  if (options.cwd !== undefined) parts.unshift(`cd ${quoted(options.cwd)}`);
  const command = `(${parts.join(' && ')}) <${quoted(input)} >${quoted(out)} 2>${quoted(err)}`;
  hold(child, true);
  const answer = once(answers, 'line');
  child.stdin?.write(`${command}; echo $?\n`);
  const code = Number((await answer)[0]);
  hold(child, false);
  const ran = { stdout: readFileSync(out, 'utf8'), stderr: readFileSync(err, 'utf8') };
  if (code !== 0) throw new RunError(words.join(' '), code, ran);
  return ran;
}

type Paths = [string, string, string];

function startShell(): Shell {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-run-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const child = spawn('/bin/sh', [], { stdio: ['pipe', 'pipe', 'inherit'], env: startEnv });
  return { child, answers: createInterface({ input: child.stdout }), folder };
}

/** Whether the test waits for the shell, whose input ends with the test. */
function hold(child: ChildProcess, isHeld: boolean): void {
  const change = isHeld ? 'ref' : 'unref';
  child[change]();
  for (const stream of [child.stdin, child.stdout]) (stream as Socket)[change]();
}

/** What makes an environment of the shell's. */
function changes(env: NodeJS.ProcessEnv = process.env): string[] {
  const names = new Set([...Object.keys(startEnv), ...Object.keys(env)]);
  return [...names]
    .filter((name) => env[name] !== startEnv[name])
    .map((name) => {
      const value = env[name];
      return value === undefined ? `unset ${name}` : `export ${name}=${quoted(value)}`;
    });
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
