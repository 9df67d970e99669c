// Gives up its rights, then tries to use them: what could be done is printed.
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { confine } from '../../src/host/confine.js';

const folder = process.argv[2] ?? '';
const path = join(folder, 'there');

const ATTEMPTS: Readonly<Record<string, () => unknown>> = {
  read: () => readFileSync(path),
  write: () => writeFileSync(path, 'changed'),
  create: () => writeFileSync(join(folder, 'new'), ''),
  truncate: () => truncateSync(path),
  mkdir: () => mkdirSync(join(folder, 'folder')),
  rename: () => renameSync(path, join(folder, 'other')),
  unlink: () => unlinkSync(path),
  run: () => {
    const { error } = spawnSync('/bin/sh', ['-c', ':']);
    if (error !== undefined) throw error;
  },
};

const landlock = await confine();
const done = Object.entries(ATTEMPTS).flatMap(([name, attempt]) => {
  try {
    attempt();
    return name;
  } catch {
    return [];
  }
});
console.log(JSON.stringify({ landlock, done }));
