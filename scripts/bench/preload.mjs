// Loaded into a measured process: writes its CPU time and peak memory when it ends.
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cpuMs = (userCPUTime + systemCPUTime) / 1000;
  writeFileSync(process.env.VIRT_DF_BENCH_FILE, JSON.stringify({ cpuMs, peakMib: maxRSS / 1024 }));
});
