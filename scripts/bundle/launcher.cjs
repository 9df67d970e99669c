#!/usr/bin/env node
// Starts the program with the code cache that the build made, so that nothing has to be compiled. A cache of another
// Node is refused by V8, and the program starts without.
'use strict';
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');

const path = `${__dirname}/core.js`;

function readCache() {
  try {
    return readFileSync(`${__dirname}/core.cache`);
  } catch {
    return undefined;
  }
}

// The bundle is ASCII, and a function of what Node gives to a module.
const script = new Script(readFileSync(path, 'latin1'), {
  filename: path,
  cachedData: readCache(),
});
script.runInThisContext()(exports, require, module, path, __dirname);
