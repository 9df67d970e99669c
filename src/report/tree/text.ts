// The text of `virt-df tree`: as lsblk draws it, a line for each device with what fills it, or a flat list. On a terminal it
// fits the width; in a pipe nothing is cut, and the strokes are ASCII.
// Reference: lsblk(8).
import type { TreeKind, TreeNode, TreeReport } from '../../queries/tree/record.js';
import { alignedLine, widthOfAll, widthsOf } from '../aligned.js';
import { formatCount, type SizeStyle } from '../human.js';
import { type Paint, painter } from '../paint.js';
import { clean, cutMiddle, ellipsisFor, inAscii, isolated } from '../text.js';
import type { TreeColumn } from './columns.js';

export interface TreeTextOptions {
  readonly columns: readonly TreeColumn[];
  readonly style: SizeStyle;
  /** A line for each node once, without strokes. */
  readonly isList: boolean;
  /** Columns of the terminal; null: lines are as long as they are. */
  readonly width: number | null;
  readonly hasColor: boolean;
  readonly hasUnicode: boolean;
  /** Letters that are not ASCII are spelled. */
  readonly isAscii?: boolean;
}

/** A node as it is drawn: merged with the only thing that fills it. */
interface Line {
  readonly strokes: string;
  readonly node: TreeNode;
}

const MIN_TEXT_WIDTH = 8;
const UNICODE = { branch: '├─', last: '└─', trunk: '│ ', blank: '  ' };
const ASCII = { branch: '|-', last: '`-', trunk: '| ', blank: '  ' };

/** What fills a device: it shares the device's line. */
const FILLING: ReadonlySet<TreeKind> = new Set([
  ...(['table', 'filesystem', 'swap', 'encrypted', 'member', 'other', 'empty', 'unknown'] as const),
]);

/** The whole text with its title line; a block for each guest. */
export function treeText(reports: readonly TreeReport[], options: TreeTextOptions): string {
  const blocks = reports.map((report) => ({ report, lines: linesOf(report.nodes, options) }));
  const all = blocks.flatMap(({ lines }) => lines);
  const titles = options.columns.map(({ title }) => title);
  const cells = new Map(all.map((line) => [line, cellsOf(line, options)]));
  const widths = fitted([titles, ...cells.values()], options);
  const paint = painter(options.hasColor);
  const draw = (texts: readonly string[]) => `${layOut(texts, widths, options)}\n`;
  const text = blocks.map(({ report, lines }) => {
    const reason = lines.length === 0 ? `  ${isolated(reasonOf(report))}` : '';
    const head = `${paint.bold(isolated(clean(report.guest)))}${reason}\n`;
    return head + lines.map((line) => painted(line, draw(cells.get(line) ?? []), paint)).join('');
  });
  const whole = (all.length === 0 ? '' : draw(titles)) + text.join('');
  return options.isAscii ? inAscii(whole) : whole;
}

function reasonOf({ problems: [problem] }: TreeReport): string {
  return problem === undefined ? 'it has no disk' : clean(`${problem.code}: ${problem.message}`);
}

function painted({ node }: Line, text: string, paint: Paint): string {
  return node.problem === null ? text : paint.bad(text);
}

function linesOf(nodes: readonly TreeNode[], options: TreeTextOptions): readonly Line[] {
  return options.isList ? listed(nodes) : drawn(nodes, '', options.hasUnicode ? UNICODE : ASCII);
}

/** Each node once, as it is told: a partition, then the filesystem in it. */
function listed(nodes: readonly TreeNode[]): readonly Line[] {
  return nodes.flatMap((node) =>
    node.isRepeated ? [] : [{ strokes: '', node }, ...listed(node.children)],
  );
}

function drawn(
  nodes: readonly TreeNode[],
  indent: string,
  strokes: typeof UNICODE,
): readonly Line[] {
  return nodes.flatMap((whole, index) => {
    const node = merged(whole);
    const isLast = index === nodes.length - 1;
    const below = indent + (isLast ? strokes.blank : strokes.trunk);
    return [
      { strokes: indent + (isLast ? strokes.last : strokes.branch), node },
      ...drawn(node.children, below, strokes),
    ];
  });
}

/** A device with the one thing that fills it, which gives its type, label, UUID and how full it is. */
function merged(node: TreeNode): TreeNode {
  const filling = node.children.filter(({ kind }) => FILLING.has(kind));
  const [only] = filling;
  if (only === undefined || filling.length > 1 || FILLING.has(node.kind)) return node;
  const { type, usedBytes, label, uuid, version } = only;
  return {
    ...node,
    type: type ?? node.type,
    usedBytes,
    label,
    uuid,
    version,
    problem: node.problem ?? only.problem,
    children: [...node.children.filter((child) => child !== only), ...only.children].sort(byLayer),
  };
}

/** The images of a disk come first. */
function byLayer(a: TreeNode, b: TreeNode): number {
  return Number(b.kind === 'layer') - Number(a.kind === 'layer');
}

function cellsOf({ strokes, node }: Line, { columns, style }: TreeTextOptions): readonly string[] {
  return columns.map((column) => {
    const value = column.value(node);
    const text =
      value === null || value === ''
        ? '-'
        : typeof value === 'number'
          ? formatCount(value, style)
          : value;
    if (column.name !== 'name') return text;
    return strokes + text + (node.isRepeated ? ' (see above)' : '');
  });
}

/** The width of each column: the widest texts are cut, the widest first, until a line fits the terminal. */
function fitted(rows: readonly (readonly string[])[], options: TreeTextOptions): readonly number[] {
  const { columns, width } = options;
  const widths = [...widthsOf(rows)];
  if (width === null) return widths;
  const [first = 0, ...others] = widths;
  let excess = first + widthOfAll(others) - width;
  while (excess > 0) {
    const cuttable = columns
      .map((_, index) => index)
      .filter((index) => !columns[index]?.isBytes && (widths[index] ?? 0) > MIN_TEXT_WIDTH)
      .sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0));
    const [widest] = cuttable;
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess--;
  }
  return widths;
}

function layOut(
  texts: readonly string[],
  widths: readonly number[],
  options: TreeTextOptions,
): string {
  const cells = texts.map((text, index) =>
    isolated(cutMiddle(text, widths[index] ?? 0, ellipsisFor(options.hasUnicode))),
  );
  const isRight = (column: number) => options.columns[column]?.isBytes === true;
  return alignedLine(cells, widths, isRight, '').trimEnd();
}
