// Makes a parser of a small .ksy at test time and loads it, as run-time compilation of a user's format does.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ts } from 'ts-morph';
import { generate } from '../../scripts/generate/index.js';

/** The exports of a generated module: functions of bytes. */
export type Parsers = Readonly<
  Record<string, (bytes: Uint8Array, ...rest: readonly unknown[]) => Loose>
>;

/** A parsed structure for tests: they look at it without the taint. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads structures whose types do not exist when it is compiled.
export type Loose = any;

const RUNTIME = pathToFileURL(resolve(import.meta.dirname, '../../src/kaitai/index.js')).href;

/** The module of a specification's text; `id` is its meta/id. */
export function generateText(text: string, id: string): Promise<string> {
  return generate(text, { file: `${id}.ksy`, layer: 'filesystem', runtime: RUNTIME });
}

/** Generates and imports. */
export async function load(text: string, id: string): Promise<Parsers> {
  return run(await generateText(text, id));
}

/** Imports TypeScript that imports nothing but the run time. */
export async function run(typescript: string): Promise<Parsers> {
  const { outputText } = ts.transpileModule(typescript, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputText).toString('base64')}`);
}

/** Of test/generate/fixtures. */
export function fixture(name: string): string {
  return readFileSync(`test/generate/fixtures/${name}.ksy`, 'utf8');
}

export async function loadFixture(name: string): Promise<Parsers> {
  return load(fixture(name), name);
}
