// The columns of `virt-df tree`, under the words that df's columns have.
import { UsageError } from '../../errors.js';
import type { TreeNode } from '../../queries/tree/record.js';
import { clean } from '../text.js';

export interface TreeColumn {
  readonly name: string;
  /** lsblk's word for it, accepted by --output as well. */
  readonly alias: string;
  readonly title: string;
  readonly isBytes: boolean;
  readonly description: string;
  /** Cleaned: safe for a terminal. */
  readonly value: (node: TreeNode) => string | number | null;
}

function text(
  name: string,
  alias: string,
  title: string,
  description: string,
  value: (node: TreeNode) => string | null,
): TreeColumn {
  const cleaned = (node: TreeNode) => clean(value(node));
  return { name, alias, title, isBytes: false, description, value: cleaned };
}

function bytes(
  name: string,
  alias: string,
  title: string,
  description: string,
  value: (node: TreeNode) => number | null,
): TreeColumn {
  return { name, alias, title, isBytes: true, description, value };
}

/** With two places, as lvs prints it. */
function percent(
  name: string,
  alias: string,
  title: string,
  description: string,
  value: (node: TreeNode) => number | null,
): TreeColumn {
  const shown = (node: TreeNode) => value(node)?.toFixed(2) ?? null;
  return { name, alias, title, isBytes: false, description, value: shown };
}

const TREE_COLUMNS: readonly TreeColumn[] = [
  text('name', 'name', 'NAME', 'the device, or the path of an image', ({ name }) => name),
  text('kind', 'kind', 'KIND', 'disk, layer, table, partition, free, …', ({ kind }) => kind),
  text('type', 'fstype', 'TYPE', 'ext4, LVM2_member, gpt, qcow2, …', ({ type }) => type),
  bytes('size_bytes', 'size', 'SIZE', 'its size', ({ sizeBytes }) => sizeBytes),
  bytes(
    'offset_bytes',
    'offset',
    'OFFSET',
    'where it begins on what it lies on',
    ({ offsetBytes }) => offsetBytes,
  ),
  bytes(
    'used_bytes',
    'used',
    'USED',
    'of a filesystem, of a volume group; of a layer what the host stores',
    ({ usedBytes }) => usedBytes,
  ),
  text('label', 'label', 'LABEL', "the filesystem's or the partition's", ({ label }) => label),
  text('uuid', 'uuid', 'UUID', "the filesystem's, the partition's, …", ({ uuid }) => uuid),
  text('version', 'fsver', 'VERSION', 'as the format counts: 1.0, FAT32', ({ version }) => version),
  percent(
    'data_percent',
    'data%',
    'DATA%',
    'of a thin pool, of a thin volume: what of it is taken',
    (node) => node.dataPercent,
  ),
  percent(
    'metadata_percent',
    'meta%',
    'META%',
    'of a thin pool: the room for its trees',
    (node) => node.metadataPercent,
  ),
  percent(
    'snap_percent',
    'snap%',
    'SNAP%',
    'of an old snapshot: the store of its changes',
    (node) => node.snapPercent,
  ),
  bytes(
    'mapped_bytes',
    'mapped',
    'MAPPED',
    'of a thin volume: what the pool holds of it',
    (node) => node.mappedBytes,
  ),
  bytes(
    'exclusive_bytes',
    'exclusive',
    'EXCLUSIVE',
    'what of that no other volume has: --exclusive',
    (node) => node.exclusiveBytes,
  ),
  text('problem', 'note', 'PROBLEM', 'CODE: why it cannot be read', ({ problem }) =>
    problem === null ? null : `${problem.code}: ${problem.message}`,
  ),
];

export const DEFAULT_TREE_COLUMNS = [
  ...['name', 'kind', 'type', 'size_bytes', 'offset_bytes', 'used_bytes', 'label', 'uuid'],
].map(treeColumn);

function treeColumn(name: string): TreeColumn {
  const found = TREE_COLUMNS.find((one) => one.name === name || one.alias === name);
  if (found !== undefined) return found;
  const names = TREE_COLUMNS.map((one) => one.name).join(', ');
  throw new UsageError('USAGE', `the tree has no column '${clean(name)}'; it has ${names}`);
}

/** Columns by name, in the order given. @throws UsageError USAGE that lists them. */
export function treeColumns(names: string): readonly TreeColumn[] {
  return names.split(',').map((name) => treeColumn(name.trim().toLowerCase()));
}
