// .ksy -> TypeScript, in steps: read the specification, refuse unsafe ones, compile, read the emitted shape, type the
// expressions, print.
import { ts } from 'ts-morph';
import type { Spec } from '../../src/kaitai/index.js';
import { compileToJavaScript } from './compile.js';
import { type Plan, readPlan } from './declarative.js';
import { GenerateError } from './errors.js';
import { fieldsName } from './fields.js';
import { findValue } from './getters.js';
import { createMembers } from './members.js';
import type { Module } from './module.js';
import { isReservedClass } from './names.js';
import { printModule } from './print-module.js';
import { recordName } from './print-record.js';
import { refuseUnsafe } from './refuse.js';
import { allClasses, type ClassShape, readShape } from './shape.js';
import { readSpecification, type Specification } from './specification.js';

export interface GenerateOptions {
  /** The path of the .ksy, for messages and the head of the module. */
  readonly file: string;
  readonly layer: Spec['layer'];
  /** The import specifier of the run time. */
  readonly runtime: string;
}

/** The module of a specification. @throws GenerateError with the line of what is wrong. */
export async function generate(text: string, options: GenerateOptions): Promise<string> {
  const specification = readSpecification(text, options.file);
  refuseUnsafe(specification);
  const plan = readPlan(specification, options.layer);
  const javascript = await compileToJavaScript(specification, plan.extras);
  return assemble(specification, plan, javascript, options);
}

/** The steps behind the compiler. Its JavaScript is only read, and a statement of an unknown form is an error. */
export function assemble(
  specification: Specification,
  plan: Plan,
  javascript: string,
  options: GenerateOptions,
): string {
  const module = createModule(specification, javascript, plan);
  const typescript = printModule(module, plan, options.file, options.runtime);
  checkSyntax(typescript, options.file);
  return typescript;
}

/** Joined names may meet: `a_b` and `a` in `b`, a type and an enum, a record and a type. */
function checkNames(specification: Specification, classes: readonly ClassShape[]): void {
  const taken = new Set<string>();
  for (const shape of classes) {
    const enums = [...shape.enums.values()].map(({ name }) => name);
    for (const name of [shape.name, recordName(shape), fieldsName(shape.name), ...enums]) {
      if (isReservedClass(name)) {
        specification.fail(shape.path, `'${name}' is a name of JavaScript or of the run time`);
      }
      if (taken.has(name))
        specification.fail(shape.path, `two types or enums become '${name}': rename one`);
      taken.add(name);
    }
  }
}

function createModule(specification: Specification, javascript: string, plan: Plan): Module {
  const top = readShape(javascript, specification);
  const classes = allClasses(top);
  checkNames(specification, classes);
  const module: Module = {
    specification,
    top,
    classes,
    followsOrder: plan.followsOrder,
    imports: new Set(),
    links: new Map(),
    made: new Set(),
    records: new Set(),
    member: createMembers(specification, (shape, name) => findValue(module, shape, name)),
  };
  return module;
}

/** A second wall behind the whitelist: the printed text must be one module without errors of syntax. */
function checkSyntax(typescript: string, file: string): void {
  const source = ts.createSourceFile('generated.ts', typescript, ts.ScriptTarget.ES2022);
  const program = ts.createProgram({
    rootNames: [source.fileName],
    options: { noLib: true, noResolve: true, target: ts.ScriptTarget.ES2022 },
    host: hostOf(source),
  });
  const [first] = program.getSyntacticDiagnostics(source);
  if (first === undefined) return;
  const reason = ts.flattenDiagnosticMessageText(first.messageText, ' ');
  throw new GenerateError(file, `the generated code is not valid: ${reason}`);
}

/** Of a program that is one file, whose syntax alone is asked for. */
function hostOf(source: ts.SourceFile): ts.CompilerHost {
  return {
    getSourceFile: (name) => (name === source.fileName ? source : undefined),
    fileExists: (name) => name === source.fileName,
    readFile: () => undefined,
    writeFile: () => undefined,
    getDefaultLibFileName: () => '',
    getCurrentDirectory: () => '',
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
  };
}
