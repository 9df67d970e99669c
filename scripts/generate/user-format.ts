// A user's format at run time: .ksy -> a CommonJS module that requires the run time and nothing else.
import { basename } from 'node:path';
import { ts } from 'ts-morph';
import { generate } from './generate.js';

/** The module's one `require`; virt-df answers it with the run time of generated parsers, and the name means no file. */
const RUNTIME = 'virt-df/kaitai';

/** @throws GenerateError; messages begin with the file's name without its folder. */
export async function compileUserFormat(text: string, path: string): Promise<string> {
  // Only the name goes in: a folder's name may hold anything, and the module's first line names the file.
  const options = { file: basename(path), layer: 'filesystem', runtime: RUNTIME } as const;
  const typescript = await generate(text, options);
  return ts.transpileModule(typescript, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  }).outputText;
}
