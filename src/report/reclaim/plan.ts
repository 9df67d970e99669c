// `virt-df reclaim --plan`: the commands that would give the space back, each with a sentence of what it gives. Nothing is run.
// References: fstrim(8); virsh(1) domfstrim; qemu-img(1) convert; Microsoft's Optimize-VHD, Optimize-Volume and "wsl --manage";
// VBoxManage modifymedium; Docker's "docker/desktop-reclaim-space".
import {
  type ReclaimFilesystem,
  type ReclaimImage,
  type ReclaimReport,
  unknownOf,
} from '../../queries/reclaim/record.js';
import { HUMAN } from '../block-size.js';
import { formatCount } from '../human.js';
import { clean, inAscii, isolated } from '../text.js';

export function reclaimPlan(reports: readonly ReclaimReport[], isAscii: boolean): string {
  const lines = reports.flatMap((report) =>
    report.images.flatMap((image) => [...planOf(report, image), '']),
  );
  return lines.map((line) => `${isolated(isAscii ? inAscii(line) : line)}\n`).join('');
}

/** Where an image is one of a program that has its own way into the guest. */
const HOMES: readonly { readonly pattern: RegExp; readonly commands: readonly string[] }[] = [
  {
    pattern: /(?:^|[/\\])Docker\.raw$/u,
    commands: ['docker run --rm --privileged --pid=host docker/desktop-reclaim-space'],
  },
  { pattern: /[/\\]\.colima[/\\]/u, commands: ['colima ssh -- sudo fstrim --all'] },
  { pattern: /[/\\]\.lima[/\\]/u, commands: ['limactl shell INSTANCE sudo fstrim --all'] },
];
const WSL = /(?:^|[/\\])ext4\.vhdx$/iu;

function planOf(report: ReclaimReport, image: ReclaimImage): readonly string[] {
  const { space, way, path, disk } = image;
  const guest = clean(report.guest);
  const head = `# ${guest} ${clean(disk)}: ${clean(path) ?? '-'} (${clean(image.format) ?? '-'})`;
  const apart = [...unknown(report, disk), ...beside(report, disk)];
  if (space.storedBytes + space.compressedBytes === 0) {
    const nothing = '# Nothing to do: the image stores nothing of the free space.';
    return [head, ...(apart.length === 0 ? [nothing] : apart)];
  }
  const copy = copyPlan(image);
  if (way === 'none') {
    return [head, ...apart, `# A discard gives nothing back: ${image.reason}.`, ...copy];
  }
  const least = unknownOf(report.filesystems, disk).length > 0 ? 'at least ' : '';
  const told = [`# Gives back ${least}${size(space.reclaimableBytes)}${kept(image)}.`];
  const commands = way === 'compact' ? compacting(report, image) : trimming(report, image);
  return [head, ...apart, ...told, ...commands, ...copy];
}

/** Filesystems of which nothing is known. */
function unknown({ filesystems }: ReclaimReport, disk: string): readonly string[] {
  return unknownOf(filesystems, disk).map(({ record, problem }) => {
    const reason = problem === null ? '' : `: ${problem.code}: ${clean(problem.message)}`;
    return `# Not known of ${clean(record.device)}${reason}`;
  });
}

/** What nothing uses and no discard of a filesystem reaches. */
function beside({ areas }: ReclaimReport, disk: string): readonly string[] {
  return areas.flatMap((area) =>
    area.disk === disk && area.space.storedBytes > 0
      ? [
          `# ${WORDS[area.kind]} (${clean(area.device)}): ${size(area.space.storedBytes)} are stored, which fstrim does not reach.`,
        ]
      : [],
  );
}

const WORDS = { swap: 'Swap', gap: 'Room between partitions', 'unused-extents': 'Unused extents' };

function size(bytes: number): string {
  return formatCount(bytes, HUMAN);
}

function kept({ space: { partialBytes, pinnedBytes } }: ReclaimImage): string {
  const reasons = [
    ...(partialBytes > 0 ? [`${size(partialBytes)} in clusters that are in use in part`] : []),
    ...(pinnedBytes > 0 ? [`${size(pinnedBytes)} in clusters that snapshots have`] : []),
  ];
  return reasons.length === 0 ? '' : `; what stays: ${reasons.join(', ')}`;
}

/** In the guest, or by the agent in it. */
function trimming({ uri, guest }: ReclaimReport, { path }: ReclaimImage): readonly string[] {
  const home = HOMES.find(({ pattern }) => pattern.test(path ?? ''));
  if (home !== undefined) return home.commands;
  const inGuest = 'fstrim --all    # in the guest';
  if (uri === null)
    return ["# The disk must be attached with discard (QEMU's discard=unmap).", inGuest];
  const agent = `virsh -c ${quoted(uri)} domfstrim ${quoted(guest)}    # by the guest's agent`;
  return ["# The disk's <driver> needs discard='unmap'.", inGuest, `# or: ${agent}`];
}

function compacting(
  { filesystems }: ReclaimReport,
  { format, path, disk }: ReclaimImage,
): readonly string[] {
  const file = path ?? '';
  if (WSL.test(file)) {
    return [
      'wsl -d DISTRO -u root fstrim /',
      'wsl --shutdown',
      'wsl --manage DISTRO --set-sparse true',
      `# or, with Hyper-V's tools: Optimize-VHD -Path ${windowsQuoted(file)} -Mode Full`,
    ];
  }
  const trim = trimOf(filesystems.filter(({ disks }) => disks.includes(disk)));
  switch (format) {
    case 'vdi':
      return [
        trim,
        `VBoxManage modifymedium disk ${quoted(file)} --compact    # frees blocks of zeros`,
      ];
    case 'vmdk':
      return [trim, `vmware-vdiskmanager -k ${quoted(file)}`];
    default:
      return [
        trim,
        `Optimize-VHD -Path ${windowsQuoted(file)} -Mode Full    # with the guest shut down`,
      ];
  }
}

function trimOf(filesystems: readonly ReclaimFilesystem[]): string {
  const isWindows = filesystems.some(({ record }) => record.type === 'ntfs');
  return isWindows
    ? 'Optimize-Volume -DriveLetter C -ReTrim    # in the guest'
    : 'fstrim --all    # in the guest';
}

/** A copy drops more than a discard gives back where clusters are pinned, or the format frees nothing. */
function copyPlan({ space, format, path, hasBacking }: ReclaimImage): readonly string[] {
  const { copyBytes, reclaimableBytes } = space;
  if (copyBytes <= reclaimableBytes) return [];
  const file = path ?? '';
  const to = format === 'raw' || format === null ? 'qcow2' : format;
  const flat = hasBacking ? '; it is one image then, with what its backing file has' : '';
  return [
    `# A copy without the free space is ${size(copyBytes)} smaller, without snapshots${flat}.`,
    `virt-sparsify --convert ${to} ${quoted(file)} ${quoted(`${file}.new`)}`,
    '# or, once free space is zeros or discarded:',
    `# qemu-img convert -O ${to} ${quoted(file)} ${quoted(`${file}.new`)}`,
  ];
}

/** As a shell reads it. */
function quoted(word: string): string {
  const text = clean(word);
  return /^[\w./:@%+=,-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** As PowerShell reads it. */
function windowsQuoted(word: string): string {
  return `'${clean(word).replaceAll("'", "''")}'`;
}
