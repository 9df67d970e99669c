// What `virt-df` does with a disk: its tables, its groups, its filesystems, its rows.
import { checkDoubts } from '../../../test/doubts.js';
import { checkNumbers } from '../../../test/hostile/sound-row.js';
import { dfOfSources } from '../../../test/queries/sources.js';
import { type Target, UnsoundError } from '../target.js';

export const dfTarget: Target = {
  name: 'df',
  async run(source) {
    const { filesystems, volumes, problems } = await dfOfSources([source]);
    if (filesystems.length + volumes.length + problems.length === 0) {
      throw new UnsoundError('nothing is told of the disk');
    }
    for (const row of filesystems) {
      checkDoubts(row);
      if (row.problem === null) checkNumbers(row, row.device);
    }
    const words = filesystems.map(({ problem, sizeBytes, freeBytes, availBytes, filesFree }) =>
      problem === null ? `${sizeBytes}/${freeBytes}/${availBytes}/${filesFree}` : problem.code,
    );
    return `rows ${words.join(',')} ${volumes.length} ${problems.length}`;
  },
};
