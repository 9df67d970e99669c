#!/usr/bin/env node
// Starts the program with the code cache of this machine, so that nothing has to be compiled. docs/decisions/0006-code-cache.md
// says who makes it and why it is trusted. A cache of another Node is refused by V8, and the program starts without.
'use strict';
const fs = require('node:fs');
const { Script } = require('node:vm');

const path = `${__dirname}/core.js`;
const cachePath = `${__dirname}/core.cache`;

/** V8 does not verify its bytes: it has to be of the same owner as the code, and nobody may write to it who may not to that. */
function readCache() {
  let file;
  try {
    file = fs.openSync(cachePath);
    const { uid, mode } = fs.fstatSync(file);
    const code = fs.statSync(path);
    const isTrusted = uid === code.uid && (mode & ~code.mode & 0o022) === 0;
    return isTrusted ? fs.readFileSync(file) : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) fs.closeSync(file);
  }
}

/** Makes it where the code is one's own. A run that read nothing (--help) has compiled little, and leaves none. */
function keepCache() {
  const draft = `${cachePath}.${process.pid}`;
  try {
    const { uid, mode, size } = fs.statSync(path);
    if ((process.geteuid?.() ?? uid) !== uid) return;
    const data = script.createCachedData();
    if (data.length < size * 0.8) return;
    fs.writeFileSync(draft, data, { flag: 'wx', mode: mode & 0o666 });
    fs.renameSync(draft, cachePath);
  } catch {
    fs.rmSync(draft, { force: true });
  }
}

// The bundle is ASCII, and a function of what Node gives to a module.
const script = new Script(fs.readFileSync(path, 'latin1'), {
  filename: path,
  cachedData: readCache(),
});
const isPlain = process.send === undefined && process.execArgv.length === 0;
if (script.cachedDataRejected !== false && isPlain && process.env.NODE_OPTIONS === undefined) {
  process.once('exit', keepCache);
}
script.runInThisContext()(exports, require, module, path, __dirname);
