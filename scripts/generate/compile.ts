// Step 3: the compiler's JavaScript. It is read as data afterwards and never run.
// References: kaitai-struct-compiler 0.11.0 (shape.ts and the later steps know the grammar of its output).
import { createRequire } from 'node:module';
import { GenerateError } from './errors.js';
import { upperCamel } from './names.js';
import type { Attribute, Specification } from './specification.js';
import type { Path } from './structure.js';

interface Compiler {
  compile(
    language: 'javascript',
    specification: unknown,
    importer: { importYaml(name: string): Promise<never> },
    debug: false,
  ): Promise<Readonly<Record<string, string>>>;
}

/** Instances that are compiled with the specification but stand elsewhere in it: type path -> id -> value. */
export interface ExtraInstance {
  /** The type that it belongs to. */
  readonly typePath: Path;
  readonly id: string;
  readonly expression: string;
  /** Where it stands in the .ksy, for messages. */
  readonly source: Path;
}

/** @throws GenerateError with the line of what the compiler refuses. */
export async function compileToJavaScript(
  specification: Specification,
  extras: readonly ExtraInstance[],
): Promise<string> {
  const bare = withExtras(withoutComments(specification.root), extras);
  let files: Readonly<Record<string, string>>;
  try {
    const { compile } = loadCompiler(specification.file);
    files = await answered(compile('javascript', bare, { importYaml }, false));
  } catch (error) {
    throw located(error, specification, extras);
  }
  const javascript = files[`${upperCamel(specification.id)}.js`];
  if (javascript === undefined)
    return specification.fail(['meta', 'id'], 'the compiler gave no code');
  return javascript;
}

function loadCompiler(file: string): Compiler {
  try {
    return createRequire(import.meta.url)('kaitai-struct-compiler') as Compiler;
  } catch {
    throw new GenerateError(file, 'the package kaitai-struct-compiler is not installed');
  }
}

const GRACE_MS = 1000;

/**
 * The compiler runs in microtasks: when a timer's turn comes it has answered, or it has died of a fault of its own and
 * never will.
 */
async function answered<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the compiler gave no answer')), GRACE_MS);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function importYaml(name: string): Promise<never> {
  return Promise.reject(new Error(`import of ${name}`));
}

/** Under these keys the keys of a map are names and not words of the language. */
const NAMED = new Set(['types', 'instances', 'enums', 'cases']);

/**
 * The specification without the keys that the compiler must not see: it prints doc and doc-ref into comments as they are,
 * so that a comment's end in them would begin code. Keys with a dash are virt-df's own.
 */
function withoutComments(value: unknown, key?: string): unknown {
  if (Array.isArray(value)) return value.map((inner) => withoutComments(inner));
  if (value === null || typeof value !== 'object') return value;
  const isNamed = key !== undefined && NAMED.has(key);
  const kept = Object.entries(value).filter(
    ([name]) => isNamed || (name !== 'doc' && name !== 'doc-ref' && !name.startsWith('-')),
  );
  return Object.fromEntries(
    kept.map(([name, inner]) => [name, withoutComments(inner, isNamed ? undefined : name)]),
  );
}

interface MutableType {
  instances?: Record<string, Attribute>;
  types?: Record<string, MutableType>;
}

function withExtras(bare: unknown, extras: readonly ExtraInstance[]): unknown {
  const root = bare as MutableType;
  for (const { typePath, id, expression } of extras) {
    let type = root;
    for (const name of typePath) if (name !== 'types') type = type.types?.[name] ?? type;
    type.instances = { ...type.instances, [id]: { value: expression } };
  }
  return root;
}

/** The compiler says `id: /seq/0/type:\n\terror: text`. */
function located(
  error: unknown,
  specification: Specification,
  extras: readonly ExtraInstance[],
): GenerateError {
  const text = error instanceof Error ? error.message : String(error);
  const [, pathText = '', problem = text] =
    /^[^:]*: (\/[^:]*):\s*(?:error: )?(.*)$/su.exec(text) ?? [];
  const path = pathText
    .split('/')
    .slice(1)
    .map((key) => (/^\d+$/u.test(key) ? Number(key) : key));
  const extra = extras.find(({ id }) => path.includes(id));
  const place = extra?.source ?? path;
  const shown =
    problem.length > 3
      ? problem.trim()
      : 'the compiler gives no reason; do instances depend on each other?';
  return new GenerateError(
    specification.file,
    place.length === 0 ? shown : `/${place.join('/')}: ${shown}`,
    specification.locate(place),
  );
}
