// Builds the generator alone and runs it: a broken module in generated/ must not keep it from being written anew.
// Usage: node scripts/generate/run.mjs SCRIPT [ARGUMENT...], where SCRIPT is main or lint-main.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const [script, ...args] = process.argv.slice(2);
const outfile = `node_modules/.cache/virt-df/${script}-${process.pid}.mjs`;
mkdirSync('node_modules/.cache/virt-df', { recursive: true });
try {
  await build({
    entryPoints: [`scripts/generate/${script}.ts`],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    logLevel: 'warning',
  });
  process.exitCode =
    spawnSync(process.execPath, [outfile, ...args], { stdio: 'inherit' }).status ?? 1;
} finally {
  rmSync(outfile, { force: true });
}
