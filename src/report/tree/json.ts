// JSON of `virt-df tree`: the schema virt-df-tree/1 (docs/virt-df-tree-1.schema.json), each node within the one that it lies
// on. Bytes are integers, unknown is null.
import type { TreeNode, TreeReport } from '../../queries/tree/record.js';
import {
  guestKeys,
  type Json,
  labelKeys,
  problemRecord,
  type RunInfo,
  runHeader,
} from '../json.js';
import { clean } from '../text.js';

/** The one object of `tree --json`, indented, with its line end. */
export function treeJson(reports: readonly TreeReport[], info: RunInfo): string {
  const document: Json = {
    ...runHeader('virt-df-tree/1', info),
    guests: reports.map((report) => ({
      ...guestKeys(report),
      nodes: report.nodes.map(nodeRecord),
    })),
    problems: reports.flatMap(({ problems }) => problems.map(problemRecord)),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function nodeRecord(node: TreeNode): { readonly [key: string]: Json } {
  const { problem } = node;
  return {
    name: clean(node.name),
    kind: node.kind,
    type: clean(node.type),
    size_bytes: node.sizeBytes,
    offset_bytes: node.offsetBytes,
    used_bytes: node.usedBytes,
    ...labelKeys(node),
    uuid: clean(node.uuid),
    version: clean(node.version),
    data_percent: node.dataPercent,
    metadata_percent: node.metadataPercent,
    snap_percent: node.snapPercent,
    mapped_bytes: node.mappedBytes,
    exclusive_bytes: node.exclusiveBytes,
    ...(node.nativeName === undefined ? {} : { native_name: clean(node.nativeName) }),
    problem: problem === null ? null : { code: problem.code, message: clean(problem.message) },
    repeated: node.isRepeated,
    children: node.children.map(nodeRecord),
  };
}
