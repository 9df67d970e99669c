// Disks that a test file makes with real tools, in a folder of its own that is removed behind the last test.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after } from 'node:test';
import { toolEnv } from './tools.js';

/** A folder for disks. Names are of files in it. */
export interface DiskFolder {
  readonly folder: string;
  /** Makes a disk that is one hole, in place of any that had the name; gives its path. */
  sparse(name: string, sizeBytes: number): string;
  /** The same, filled by a tool that takes the path behind its arguments. */
  made(name: string, sizeBytes: number, tool: string, ...args: readonly string[]): string;
}

/** What a program prints. @throws when it fails, with what it printed on stderr. */
export function run(tool: string, ...args: readonly string[]): string {
  return execFileSync(tool, args, { env: toolEnv, encoding: 'utf8', stdio: 'pipe' });
}

/** Writes bytes, or all of the file of that path, into a disk, as dd conv=notrunc does. */
export function put(disk: string, offsetBytes: number, from: string | Uint8Array): void {
  const file = openSync(disk, 'r+');
  try {
    writeSync(file, typeof from === 'string' ? readFileSync(from) : from, 0, null, offsetBytes);
  } finally {
    closeSync(file);
  }
}

/** @param word tells the folders of test files apart. */
export function diskFolder(word: string): DiskFolder {
  const folder = mkdtempSync(join(tmpdir(), `virt-df-${word}-`));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const sparse = (name: string, sizeBytes: number): string => {
    const path = resolve(folder, name);
    writeFileSync(path, '');
    truncateSync(path, sizeBytes);
    return path;
  };
  const made: DiskFolder['made'] = (name, sizeBytes, tool, ...args) => {
    const path = sparse(name, sizeBytes);
    run(tool, ...args, path);
    return path;
  };
  return { folder, sparse, made };
}
