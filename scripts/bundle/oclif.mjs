// Start-up: a plain df needs oclif's flag parser and nothing else of it, but oclif's modules require one another at once,
// and compiling and running them all takes as long as reading an image. This esbuild plugin bundles the parser's modules
// with their requires evaluated at first use; the others are left in files of their own, for --help and errors.
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

/** A module's name below lib/, or null if it is not oclif's. */
function oclifName(path) {
  const name = relative(ROOT, path).split(sep).join('/');
  return name.startsWith('..') ? null : name;
}

/** TypeScript's `const x_1 = require("./x")`, evaluated when x_1 is first used. */
function evaluateLate(source) {
  const declaration = /^(?:const|var) (\w+) = ((?:__import\w+\()?require\("[^"]+"\)\)?);$/gmu;
  const names = [...source.matchAll(declaration)].map(([, name]) => name);
  const late = source.replace(
    declaration,
    (_, name, value) => `let $${name}; const $get_${name} = () => ($${name} ??= ${value});`,
  );
  return names.reduce(
    (text, name) =>
      text.replaceAll(new RegExp(`(?<![\\w$.])${name}(?=\\.)`, 'gu'), `($get_${name}())`),
    late,
  );
}

/** `separate(name, path)` says where the file of a module that is left out will be. */
export function oclifPlugin(separate) {
  return {
    name: 'oclif',
    setup(builder) {
      builder.onResolve({ filter: /^(\.|@oclif\/core)/ }, ({ path, importer, resolveDir }) => {
        const isOclif = path.startsWith('@oclif/core');
        if ((!isOclif && oclifName(importer) === null) || path.endsWith('.json')) return undefined;
        const file = isOclif ? require.resolve(path) : require.resolve(join(resolveDir, path));
        const name = oclifName(file);
        if (name === null || EAGER.has(name)) return { path: file };
        return { path: separate('oclif', `@oclif/core/lib/${name}`, file), namespace: 'separate' };
      });
      builder.onLoad({ filter: /\.js$/, namespace: 'file' }, ({ path }) => {
        if (oclifName(path) === null) return undefined;
        return { contents: evaluateLate(readFileSync(path, 'utf8')), loader: 'js' };
      });
    },
  };
}
