// Step 6: prints the module: its exports, and the classes that they need.
import { CodeBlockWriter } from 'ts-morph';
import type { Plan } from './declarative.js';
import { writeFields } from './fields.js';
import { type Module, use } from './module.js';
import { writeRead } from './print-claims.js';
import { writeClass, writeEnum } from './print-class.js';
import { recordBytes, recordName, writeRecord } from './print-record.js';
import { quoted } from './scope.js';
import type { ClassShape } from './shape.js';

/** The structures of a specification that the module exports, as classes, as records, and as places of fields. */
interface Exports {
  readonly structures: readonly ClassShape[];
  readonly records: readonly ClassShape[];
  /** Structures with a constant that says where their fields lie (`-export: fields`). */
  readonly fields: readonly ClassShape[];
}

const WIDTH = 2;
const TYPES = ['ByteOrder', 'Guest', 'GuestClaims', 'Records'];

/** Prints until nothing new turns up, since only printing shows which classes are needed and which links they must keep. */
export function printModule(module: Module, plan: Plan, ksyPath: string, runtime: string): string {
  const exports = exportsOf(module);
  for (let before = -1; before !== size(module); ) {
    before = size(module);
    module.imports.clear();
    writeBody(module, plan, exports);
  }
  checkExports(module, exports);
  const body = writeBody(module, plan, exports);
  const writer = newWriter();
  // A path is a stranger's text too: a line end in it would end the comment.
  const path = ksyPath.replace(/[^\w./-]/gu, '_');
  writer.writeLine(
    `// Generated from ${path} by \`npm run generate\`. Do not edit: change the specification.`,
  );
  writer.write(imports(module, body, runtime)).blankLine();
  return `${writer.toString()}${body}`;
}

function newWriter(): CodeBlockWriter {
  return new CodeBlockWriter({ indentNumberOfSpaces: WIDTH, newLine: '\n', useSingleQuote: true });
}

function size({ made, records, links }: Module): number {
  return made.size + records.size + [...links.values()].reduce((sum, { size: n }) => sum + n, 0);
}

function exportsOf(module: Module): Exports {
  const wants = (shape: ClassShape, word: string) => [shape.spec['-export']].flat().includes(word);
  const { top } = module;
  const hasContent =
    (top.spec.seq ?? []).length > 0 || Object.keys(top.spec.instances ?? {}).length > 0;
  const nested = module.classes.filter((shape) => shape !== top);
  const structures = [
    ...(hasContent ? [top] : []),
    ...nested.filter((shape) => wants(shape, 'structure')),
  ];
  const records = nested.filter((shape) => wants(shape, 'records'));
  for (const shape of structures) module.made.add(shape);
  for (const shape of records) module.records.add(shape);
  const fields = module.classes.filter((shape) => wants(shape, 'fields'));
  return { structures, records, fields };
}

/** An exported structure is made from bytes alone: it has no parent and no root. */
function checkExports({ top, links, specification }: Module, { structures }: Exports): void {
  for (const shape of structures) {
    if (shape !== top && (links.get(shape)?.size ?? 0) > 0) {
      specification.fail(shape.path, 'an exported structure cannot use _parent or _root');
    }
  }
}

function writeBody(module: Module, plan: Plan, exports: Exports): string {
  const writer = newWriter();
  for (const shape of exports.structures) {
    writer.blankLine();
    writeStructureExport(writer, module, plan, shape, exports.records.includes(shape));
  }
  for (const shape of exports.records) {
    writer.blankLine();
    writeRecordsExport(writer, module, plan, shape);
  }
  for (const shape of exports.fields) {
    writer.blankLine();
    writeFields(writer, module, shape, wordOf(shape));
  }
  if (plan.types.length > 0) {
    writer.blankLine();
    module.made.add(module.top);
    writeRead(writer, module, plan);
  }
  for (const shape of module.classes) {
    for (const found of shape.enums.values()) {
      writer.blankLine();
      writeEnum(writer, found);
    }
  }
  for (const shape of module.classes) {
    if (module.made.has(shape)) writeClass(writer.blankLine(), module, shape);
    if (module.records.has(shape)) writeRecord(writer.blankLine(), module, shape);
  }
  return writer.toString().trimStart();
}

function imports(module: Module, body: string, runtime: string): string {
  const classes = ['RecordCursor', 'SafeStream'].filter((name) =>
    new RegExp(`\\b${name}\\b`, 'u').test(body),
  );
  const types = TYPES.filter((name) => new RegExp(`\\b${name}\\b`, 'u').test(body)).map(
    (name) => `type ${name}`,
  );
  const key = (name: string) => name.replace('type ', '').toLowerCase();
  const names = [...new Set([...module.imports, ...classes, ...types])].sort((a, b) =>
    key(a) < key(b) ? -1 : 1,
  );
  const writer = newWriter();
  writer.writeLine('import {').indent(() => {
    for (const name of names) writer.writeLine(`${name},`);
  });
  return writer.write(`} from ${quoted(runtime)};`).toString();
}

/** How a comment calls a structure: by the specification's own word, which is a plain name. */
function wordOf({ path, spec }: ClassShape): string {
  return `\`${String(path.at(-1) ?? spec.meta?.id)}\``;
}

function writeStructureExport(
  writer: CodeBlockWriter,
  module: Module,
  plan: Plan,
  shape: ClassShape,
  isRecordToo: boolean,
): void {
  const { name } = shape;
  if (!isRecordToo) writer.writeLine(`export type Guest${name} = Guest<${name}>;`).blankLine();
  writer.writeLine(
    `/** ${wordOf(shape)} from its bytes. @throws FormatError when they are none. */`,
  );
  const order = plan.followsOrder ? ', order: ByteOrder' : '';
  const stream = `new SafeStream(bytes${plan.followsOrder ? ', order' : ''})`;
  writer
    .write(`export function parse${name}(bytes: Uint8Array${order}): Guest${name} `)
    .inlineBlock(() => {
      writer.writeLine(`return ${use(module, 'guest')}(new ${name}(${stream}));`);
    });
  writer.newLine();
}

function writeRecordsExport(
  writer: CodeBlockWriter,
  module: Module,
  plan: Plan,
  shape: ClassShape,
): void {
  const { name } = shape;
  const bytes = recordBytes(module, shape);
  const factory = `${name.slice(0, 1).toLowerCase()}${name.slice(1)}Records`;
  writer.writeLine(`export type Guest${name} = Guest<${recordName(shape)}>;`).blankLine();
  writer.writeLine(
    `/** A table of ${wordOf(shape)}: ${bytes} bytes each, \`strideBytes\` apart. */`,
  );
  writer.write(`export function ${factory}(`).newLine();
  writer.indent(() => {
    writer.writeLine('bytes: Uint8Array,');
    writer.writeLine(`strideBytes: number = ${bytes},`);
    if (plan.followsOrder) writer.writeLine("order: ByteOrder = 'le',");
  });
  writer.write(`): Records<Guest${name}> `).inlineBlock(() => {
    const cursor = `new ${recordName(shape)}(bytes, ${plan.followsOrder ? 'order' : "'le'"})`;
    writer.writeLine(
      `return ${use(module, 'records')}(${cursor}, ${bytes}, strideBytes, ${quoted(name)});`,
    );
  });
  writer.newLine();
}
