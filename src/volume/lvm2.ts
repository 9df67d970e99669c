// LVM2: physical volumes of a guest's disks -> the logical volumes of its volume groups.
// References: lvm2 lib/label/label.c, lib/format_text/; lvm(8). Read are linear and striped segments; everything else is
// listed with the type that is in the way.

import type { ByteSource } from '../bytes/source.js';
import { VirtDfError } from '../errors.js';
import { readArea } from './lvm2/area.js';
import { assembleGroups } from './lvm2/assembly.js';
import { shown } from './lvm2/field.js';
import { dashedUuid, hasLabel, LABEL_TYPE, type Label, readLabel } from './lvm2/label.js';
import type { Assembly, GroupFormat, Member } from './volume.js';

export const lvm2: GroupFormat = {
  name: 'lvm2',
  memberType: 'LVM2_member',
  probe: hasLabel,
  member,
  assemble,
};

/** What `member` gives: `assemble` need not read the label again. */
interface Lvm2Member extends Member {
  readonly lvm2Label: Label;
}

async function member(source: ByteSource, device: string): Promise<Lvm2Member> {
  const lvm2Label = await readLabel(source);
  return {
    device,
    source,
    uuid: dashedUuid(lvm2Label.uuid),
    label: await groupName(source, lvm2Label),
    version: LABEL_TYPE,
    sizeBytes: source.sizeBytes,
    lvm2Label,
  };
}

/** The name of the group as the member's own metadata has it; null if it has none, or a damaged one. */
async function groupName(source: ByteSource, label: Label): Promise<string | null> {
  for (const offset of label.areaOffsets) {
    try {
      const area = await readArea(source, offset);
      if (area.state !== 'text') continue;
      const [name] = /^[A-Za-z0-9+_.-]{1,127}/u.exec(area.text) ?? [];
      if (name !== undefined) return shown(name);
    } catch (error) {
      // `assemble` says what is wrong with the area.
      if (!(error instanceof VirtDfError)) throw error;
    }
  }
  return null;
}

async function assemble(members: readonly Member[]): Promise<Assembly> {
  const volumes = [];
  for (const { device, source, ...rest } of members) {
    const label = isLvm2Member(rest) ? rest.lvm2Label : await readLabel(source);
    volumes.push({ device, source, label });
  }
  return assembleGroups(volumes);
}

function isLvm2Member<T extends object>(member: T): member is T & Pick<Lvm2Member, 'lvm2Label'> {
  return 'lvm2Label' in member;
}
