// dm-integrity: a device whose data are proven by tags that lie between them. What it holds is read without the tags.
// References: src/volume/dm/integrity.ts; integritysetup(8).
import type { ByteSource } from '../bytes/source.js';
import { VirtDfError } from '../errors.js';
import { integritySource, readIntegrity } from './dm/integrity.js';
import { journalBudget } from './dm/integrity-journal.js';
import type { AssembledVolume, Assembly, GroupFormat, Member, MemberDevice } from './volume.js';

const DEVICES = '/dev/';

export const dmIntegrity: GroupFormat = {
  name: 'dm_integrity',
  probe: async () => true,
  member,
  join,
};

async function member(source: ByteSource): Promise<Member> {
  const { version } = await readIntegrity(source);
  return { type: 'DM_integrity', uuid: null, label: null, version };
}

/** Its name is given by whoever opens it, so that it is called by the device that it is on. */
async function join(members: readonly MemberDevice[]): Promise<Assembly> {
  const volumes: AssembledVolume[] = [];
  const budget = journalBudget();
  for (const { device: on, source: device } of members) {
    const name = on.startsWith(DEVICES) ? on.slice(DEVICES.length) : on;
    const common = { device: `/dev/mapper/integrity-${name.replaceAll('/', '-')}`, uuid: null };
    try {
      const source = await integritySource(device, budget);
      volumes.push({ ...common, sizeBytes: source.sizeBytes, source });
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      volumes.push({ ...common, sizeBytes: 0, source: error });
    }
  }
  return { volumes, problems: [] };
}
