// A replica of a Longhorn volume: volume.meta names the newest layer, and each layer the one below.
// References: Longhorn longhorn-engine pkg/replica/replica.go (Info).
import { FormatError, UnsupportedError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import { LAYER_NAME, parseMeta, REPLICA_META, textOf } from '../longhorn/meta.js';
import type { MachineKind } from './folder.js';

export const longhornReplica: MachineKind = {
  title: 'a Longhorn replica',
  find: ({ files }) => (files.has(REPLICA_META) ? REPLICA_META : null),
  async disks(folder) {
    const meta = parseMeta(await folder.text(REPLICA_META), REPLICA_META);
    const head = textOf(meta, 'Head') ?? '';
    if (!LAYER_NAME.test(head)) {
      const message = `longhorn: ${REPLICA_META} says that the newest layer is "${printable(head)}", which is no layer's name`;
      throw new FormatError('INVALID', message);
    }
    const disk = { names: [head], format: 'longhorn', namer: REPLICA_META };
    const error = textOf(meta, 'Error');
    const isUnfinished = meta.fields.get('Rebuilding') === true;
    if (error === null && !isUnfinished) return [disk];
    const reason = error === null ? 'was being rebuilt' : `has the error "${printable(error)}"`;
    const message = `longhorn: the replica ${reason}, so it may not hold all of the volume: another replica does`;
    return [{ ...disk, doubt: new UnsupportedError('AMBIGUOUS', message) }];
  },
};
