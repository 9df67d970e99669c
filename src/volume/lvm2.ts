// LVM2: physical volumes of a guest's disks -> the logical volumes of its volume groups.
// Linear and striped segments are read; a volume of any other type (thin, raid1, ...) is listed with that type.
// References: lvm2 lib/label/label.c, lib/format_text/; lvm(8).

import type { ByteSource } from '../bytes/source.js';
import { VirtDfError } from '../errors.js';
import { KIB } from '../limits.js';
import { shown } from '../validation/lvm2/field.js';
import { readAreaHead } from './lvm2/area.js';
import { assembleGroups } from './lvm2/assembly.js';
import { dashedUuid, hasLabel, LABEL_TYPE, type Label, readLabel } from './lvm2/label.js';
import type { Assembly, GroupFormat, Member, MemberDevice } from './volume.js';

export const lvm2: GroupFormat = { name: 'lvm2', probe: hasLabel, member, join };

const SHORT_TEXT_BYTES = 64 * KIB;

async function member(source: ByteSource): Promise<Member> {
  const label = await readLabel(source);
  return {
    type: 'LVM2_member',
    uuid: dashedUuid(label.uuid),
    label: await groupName(source, label),
    version: LABEL_TYPE,
  };
}

/** The name of the group as the member's own metadata has it; null if it has none, or a damaged one. */
async function groupName(source: ByteSource, label: Label): Promise<string | null> {
  for (const offset of label.areaOffsets) {
    try {
      const area = await readAreaHead(source, offset);
      if (area.state === 'unused') continue;
      // Of a large group each of hundreds of members may have a copy of megabytes.
      const text =
        area.textBytes > SHORT_TEXT_BYTES ? await area.beginning() : (await area.read()).text();
      const [name] = /^[A-Za-z0-9+_.-]{1,127}/u.exec(text) ?? [];
      if (name !== undefined) return shown(name);
    } catch (error) {
      // `join` reports the fault of the area.
      if (!(error instanceof VirtDfError)) throw error;
    }
  }
  return null;
}

async function join(members: readonly MemberDevice[]): Promise<Assembly> {
  const volumes = [];
  for (const { device, source } of members) {
    volumes.push({ device, source, label: await readLabel(source) });
  }
  return assembleGroups(volumes);
}
