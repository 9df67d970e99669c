// Builds what ships (dist/, one bundle in lazily loaded chunks) and, when asked, what the tests run (build/, file by file).
// Usage: node scripts/build.mjs [--with-tests | --only-scripts]
import { chmodSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { oclifPlugin } from './oclif-plugin.mjs';

const withTests = process.argv.includes('--with-tests');
const onlyScripts = process.argv.includes('--only-scripts');

const common = {
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  sourcemap: true,
  logLevel: 'warning',
  define: { VIRT_DF_VERSION: JSON.stringify(JSON.parse(readFileSync('package.json')).version) },
};

/** Every .ts file below `folder`. */
function sources(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((name) => name.endsWith('.ts'));
}

async function bundle() {
  rmSync('dist', { recursive: true, force: true });
  await build({
    ...common,
    entryPoints: {
      'virt-df': 'src/cli/main.ts',
      'libvirt-child': 'src/guests/libvirt/child.ts',
      index: 'src/index.ts',
      kaitai: 'src/kaitai/index.ts',
      generate: 'scripts/generate/index.ts',
    },
    bundle: true,
    splitting: true,
    // Compiling is a good part of a short run's time; names stay, for the stack of a bug.
    minifyWhitespace: true,
    minifySyntax: true,
    metafile: true,
    plugins: [oclifPlugin],
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    external: ['koffi', 'ts-morph', 'kaitai-struct-compiler'],
    // Bundled CommonJS dependencies call require() for Node's own modules.
    banner: {
      js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);",
    },
  });
  chmodSync('dist/virt-df.js', 0o755);
}

async function transpile(folders) {
  await build({
    ...common,
    entryPoints: folders.flatMap(sources),
    outdir: 'build',
    outbase: '.',
  });
}

if (onlyScripts) {
  await transpile(['src', 'generated', 'scripts']);
} else {
  await bundle();
  if (withTests) {
    rmSync('build', { recursive: true, force: true });
    await transpile(['src', 'generated', 'scripts', 'test']);
  }
}
