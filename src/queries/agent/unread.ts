// The question of --live=only: which disks a guest has. Nothing of them is read; the agent tells the rest.
import { diskDevice } from '../../stack/device-name.js';
import type { RunQuery } from '../ask.js';
import { unreadDisk } from '../df.js';
import type { DfReport, DiskRecord, ProblemRecord } from '../report.js';

interface Found {
  readonly disks: readonly DiskRecord[];
  readonly problems: readonly ProblemRecord[];
}

export const unreadDisks: RunQuery<Found, DfReport> = {
  question: { kind: 'disks' },
  begin: () => ({ disks: [], problems: [] }),
  // A guest that was not listed has its problem.
  read: async () => {},
  end(_, failure, { name, disks }) {
    const ofGuest = { guest: name, disk: null, device: null };
    return {
      disks: disks.map((disk, index) => unreadDisk(diskDevice(index), disk)),
      problems: failure === null ? [] : [{ ...ofGuest, ...failure }],
    };
  },
  isSound: () => true,
  report: ({ disks, problems }) => ({ disks, filesystems: [], volumes: [], problems }),
};
