// A user's format as a module: from the cache, or compiled now.
import { compileFunction } from 'node:vm';
import type { DeclarativeModule } from '../../kaitai/index.js';
import { MAX_FORMAT_TEXT_BYTES } from '../../limits.js';
import { badFormat } from './bad-format.js';
import { cacheKey, formatCacheFolder, readCache, writeCache } from './cache.js';
import { compileFormat } from './compile.js';
import type { FormatEnvironment, FormatFile } from './find.js';
import { generatorVersion } from './generator.js';
import { foreignFolder } from './owners.js';

/**
 * Loads the module of a .ksy; only the first time that a text is seen it is compiled, which takes seconds.
 * @throws UsageError BAD_FORMAT_FILE.
 */
export async function loadModule(
  file: FormatFile,
  environment: FormatEnvironment,
): Promise<DeclarativeModule> {
  const folder = formatCacheFolder(environment);
  const key = cacheKey(file.bytes, generatorVersion());
  const isForeign = foreignFolder(folder) !== null;
  const cached = isForeign ? null : readCache(folder, key);
  const code = cached ?? (await compileFormat(file));
  if (cached === null && !isForeign) writeCache(folder, key, code);
  return evaluate(file.path, code);
}

/**
 * Runs a module's code. It can require only the run time of generated parsers, in which texts have the bound of users'
 * formats: our own parsers read LVM2's metadata and OVF descriptors of megabytes.
 */
async function evaluate(path: string, code: string): Promise<DeclarativeModule> {
  const kaitai = await import('../../kaitai/index.js');
  const decode: typeof kaitai.decode = (bytes, encoding) =>
    kaitai.decode(bytes, encoding, MAX_FORMAT_TEXT_BYTES);
  const runtime = { ...kaitai, decode };
  const exports: Partial<DeclarativeModule> = {};
  compileFunction(code, ['exports', 'require'], { filename: path })(exports, () => runtime);
  const { read } = exports;
  if (read === undefined) throw badFormat(path, 'has no -virt-df that says how to read it');
  return { read };
}
