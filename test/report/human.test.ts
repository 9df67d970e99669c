// Numbers as df prints them. Expected values were printed by GNU ls and dd 9.1, which call the same human_readable() as
// df (rounding up) and virt-df (to the nearest).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HUMAN, parseBlockSize, SI, sizeTitle } from '../../src/report/block-size.js';
import { formatCount, type SizeStyle } from '../../src/report/human.js';

/** bytes, ls -lh, ls -l --si, then ls -l --block-size= 1K, M, MB, KiB */
const CEILING: readonly (readonly [number, string, string, string, string, string, string])[] = [
  [0, '0', '0', '0', '0M', '0MB', '0KiB'],
  [1, '1', '1', '1', '1M', '1MB', '1KiB'],
  [999, '999', '999', '1', '1M', '1MB', '1KiB'],
  [1000, '1000', '1.0k', '1', '1M', '1MB', '1KiB'],
  [1001, '1001', '1.1k', '1', '1M', '1MB', '1KiB'],
  [1023, '1023', '1.1k', '1', '1M', '1MB', '1KiB'],
  [1024, '1.0K', '1.1k', '1', '1M', '1MB', '1KiB'],
  [1025, '1.1K', '1.1k', '2', '1M', '1MB', '2KiB'],
  [1075, '1.1K', '1.1k', '2', '1M', '1MB', '2KiB'],
  [1076, '1.1K', '1.1k', '2', '1M', '1MB', '2KiB'],
  [1536, '1.5K', '1.6k', '2', '1M', '1MB', '2KiB'],
  [9999, '9.8K', '10k', '10', '1M', '1MB', '10KiB'],
  [10000, '9.8K', '10k', '10', '1M', '1MB', '10KiB'],
  [10137, '9.9K', '11k', '10', '1M', '1MB', '10KiB'],
  [10138, '10K', '11k', '10', '1M', '1MB', '10KiB'],
  [10239, '10K', '11k', '10', '1M', '1MB', '10KiB'],
  [10240, '10K', '11k', '10', '1M', '1MB', '10KiB'],
  [10241, '11K', '11k', '11', '1M', '1MB', '11KiB'],
  [10752, '11K', '11k', '11', '1M', '1MB', '11KiB'],
  [99999, '98K', '100k', '98', '1M', '1MB', '98KiB'],
  [1023999, '1000K', '1.1M', '1000', '1M', '2MB', '1000KiB'],
  [1024000, '1000K', '1.1M', '1000', '1M', '2MB', '1000KiB'],
  [1047552, '1023K', '1.1M', '1023', '1M', '2MB', '1023KiB'],
  [1047553, '1.0M', '1.1M', '1024', '1M', '2MB', '1024KiB'],
  [1048575, '1.0M', '1.1M', '1024', '1M', '2MB', '1024KiB'],
  [1048576, '1.0M', '1.1M', '1024', '1M', '2MB', '1024KiB'],
  [1048577, '1.1M', '1.1M', '1025', '2M', '2MB', '1025KiB'],
  [1101004, '1.1M', '1.2M', '1076', '2M', '2MB', '1076KiB'],
  [1101005, '1.1M', '1.2M', '1076', '2M', '2MB', '1076KiB'],
  [5242880, '5.0M', '5.3M', '5120', '5M', '6MB', '5120KiB'],
  [10485759, '10M', '11M', '10240', '10M', '11MB', '10240KiB'],
  [10522669056, '9.8G', '11G', '10276044', '10036M', '10523MB', '10276044KiB'],
  [1099511627776, '1.0T', '1.1T', '1073741824', '1048576M', '1099512MB', '1073741824KiB'],
  [8796093022207, '8.0T', '8.8T', '8589934592', '8388608M', '8796094MB', '8589934592KiB'],
];

/** bytes, what dd called them: "1.0 kB", "1.0 KiB". */
const NEAREST: readonly (readonly [number, string, string])[] = [
  [1024, '1.0kB', '1.0KiB'],
  [1025, '1.0kB', '1.0KiB'],
  [1075, '1.1kB', '1.0KiB'],
  [1076, '1.1kB', '1.1KiB'],
  [1126, '1.1kB', '1.1KiB'],
  [1127, '1.1kB', '1.1KiB'],
  [1536, '1.5kB', '1.5KiB'],
  [1587, '1.6kB', '1.5KiB'],
  [1588, '1.6kB', '1.6KiB'],
  [9983, '10kB', '9.7KiB'],
  [9984, '10kB', '9.8KiB'],
  [10137, '10kB', '9.9KiB'],
  [10189, '10kB', '10KiB'],
  [10190, '10kB', '10KiB'],
  [10239, '10kB', '10KiB'],
  [10240, '10kB', '10KiB'],
  [10752, '11kB', '10KiB'],
  [10753, '11kB', '11KiB'],
  [11264, '11kB', '11KiB'],
  [11776, '12kB', '12KiB'],
  [1023487, '1.0MB', '999KiB'],
  [1023488, '1.0MB', '1000KiB'],
  [1047551, '1.0MB', '1023KiB'],
  [1047552, '1.0MB', '1023KiB'],
  [1048575, '1.0MB', '1.0MiB'],
  [1048576, '1.0MB', '1.0MiB'],
  [1101004, '1.1MB', '1.0MiB'],
  [1101005, '1.1MB', '1.1MiB'],
  [1153433, '1.2MB', '1.1MiB'],
  [1153434, '1.2MB', '1.1MiB'],
  [10433331, '10MB', '9.9MiB'],
  [10433332, '10MB', '10MiB'],
  [10485759, '10MB', '10MiB'],
  [26214400, '26MB', '25MiB'],
  [27262976, '27MB', '26MiB'],
  [27787264, '28MB', '26MiB'],
];

test('rounds up as ls and df do', () => {
  const styles = [HUMAN, SI, ...['1K', 'M', 'MB', 'KiB'].map((unit) => parseBlockSize(unit))];
  for (const [bytes, ...expected] of CEILING) {
    assert.deepEqual(
      styles.map((style) => formatCount(bytes, style)),
      expected,
      String(bytes),
    );
  }
});

test('rounds to the nearest, ties to even, as dd and virt-df do', () => {
  const binary: SizeStyle = { ...HUMAN, rounding: 'nearest', byteLetter: true };
  for (const [bytes, si, iec] of NEAREST) {
    const spoken = [formatCount(bytes, { ...binary, base: 1000 }), formatCount(bytes, binary)];
    assert.deepEqual(spoken, [si, iec], String(bytes));
  }
});

test('titles a unit as df does', () => {
  // df -B UNIT, GNU coreutils 9.1
  const titles: Record<string, string> = {
    1: '1B-blocks',
    512: '512B-blocks',
    1000: '1kB-blocks',
    1024: '1K-blocks',
    '1M': '1M-blocks',
    M: '1M-blocks',
    MB: '1MB-blocks',
    MiB: '1MiB-blocks',
    kB: '1kB-blocks',
    k: '1K-blocks',
    KB: '1kB-blocks',
    GB: '1GB-blocks',
    '1GB': '1GB-blocks',
    '1MiB': '1M-blocks',
    '3K': '3K-blocks',
    1024000: '1.1MB-blocks',
    1000000: '1MB-blocks',
    2048: '2K-blocks',
    '10G': '10G-blocks',
    'human-readable': 'Size',
    si: 'Size',
  };
  for (const [unit, title] of Object.entries(titles)) {
    assert.equal(sizeTitle(parseBlockSize(unit)), title, unit);
  }
});

test('refuses what df refuses', () => {
  for (const unit of ['0', '', 'x', '1X', '-1', '1KK', 'B', '1.5M', '99999999999999999999']) {
    assert.throws(() => parseBlockSize(unit), { code: 'USAGE' }, unit);
  }
});
