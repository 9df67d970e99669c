// Start-up: a plain run needs oclif's commands and its parser and nothing else of it, but oclif's modules require one
// another at once, and compiling and running them all takes as long as reading an image. This esbuild plugin bundles the
// modules that every run executes, as they are; what they require of the others stands in files of its own (for --help and
// errors) and is loaded when a property of it is first asked for. docs/decisions/0004-start-up.md has the figures.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';

const require = createRequire(import.meta.url);
const ROOT = dirname(require.resolve('@oclif/core/command'));

/** Modules of @oclif/core/lib that a plain run executes. */
const EAGER = new Set([
  'args.js',
  'cache.js',
  'command.js',
  'flags.js',
  'parser/index.js',
  'parser/parse.js',
  'parser/validate.js',
  'util/aggregate-flags.js',
  'util/util.js',
]);

/** What stands before a module's own code. */
const PRELUDE = {
  // It waits for errors of process.stdout, which loads Node's streams and sockets; src/cli/output.ts writes without them.
  'command.js':
    'const process = Object.create(globalThis.process, { stdout: { value: { on() {} } } });',
};

/** Each command asks for a logger, and none logs. */
const LOGGER = 'logger.js';

/** A module's name below lib/, or null if it is not oclif's. */
function oclifName(path) {
  const name = relative(ROOT, path).split(sep).join('/');
  return name.startsWith('..') ? null : name;
}

/** An object that has the module's properties, and loads it when the first is asked for. */
function late(required, isEsModule) {
  return `module.exports = new Proxy({}, {
    get: (_, key) => (key === '__esModule' ? ${isEsModule} : ${required}[key]),
  });`;
}

/** `separate(name, path)` says where the file of a module that is left out will be. */
export function oclifPlugin(separate) {
  return {
    name: 'oclif',
    setup(builder) {
      builder.onResolve(
        { filter: /^(\.|node:|@oclif\/core)/, namespace: 'file' },
        ({ path, importer, resolveDir }) => {
          const isFromOclif = oclifName(importer) !== null;
          if (!(path.startsWith('@oclif/core') || isFromOclif)) return undefined;
          if (path.endsWith('.json')) return undefined;
          if (path.startsWith('node:')) return { path, namespace: 'late' };
          const isPackage = path.startsWith('@');
          const file = isPackage ? require.resolve(path) : require.resolve(join(resolveDir, path));
          const name = oclifName(file);
          if (name === null || EAGER.has(name)) return { path: file };
          const place = separate('oclif', `@oclif/core/lib/${name}`, file);
          return { path: place, namespace: isFromOclif ? 'late' : 'separate' };
        },
      );
      builder.onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => {
        if (path.startsWith('node:')) return { contents: late(`require('${path}')`, false) };
        const [, name] = path.split('#');
        const required = `require('./vendor/oclif.cjs')[${JSON.stringify(name)}]`;
        if (!name.endsWith(LOGGER)) return { contents: late(required, true) };
        const log = `(...words) => ${required}.makeDebug(name)(...words)`;
        return { contents: `exports.makeDebug = (name) => ${log};` };
      });
      builder.onResolve({ filter: /./, namespace: 'late' }, ({ path }) => ({
        path,
        external: true,
      }));
      builder.onLoad({ filter: /\.js$/, namespace: 'file' }, ({ path }) => {
        const prelude = PRELUDE[oclifName(path)];
        if (prelude === undefined) return undefined;
        const contents = `"use strict"; ${prelude}\n${readFileSync(path, 'utf8')}`;
        return { contents, loader: 'js' };
      });
    },
  };
}
