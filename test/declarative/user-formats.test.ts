// Formats of users: found, trusted, compiled once, kept, and safe whatever they hold.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { filesystems } from '../../src/declarative/registry.js';
import { compileFormat } from '../../src/declarative/user-formats/compile.js';
import { loadUserFormats, withUserFormats } from '../../src/declarative/user-formats/index.js';
import { VirtDfError } from '../../src/errors.js';
import { bombs, everywhere, injections, ksy } from '../formats/hostile-ksy.js';
import { memorySource } from '../memory-source.js';

const MARK = `virt-df-test-pwned-${process.pid}`;

/** What a hostile specification would run, if anything ran it. */
function injected(): string {
  const path = JSON.stringify(join(tmpdir(), MARK)).replaceAll('"', "'");
  return `globalThis['${MARK}'] = 1; process.getBuiltinModule?.('fs').writeFileSync(${path}, '');`;
}

const notRoot = process.geteuid?.() === 0 ? false : 'needs root';
let root: string;
let folder: string;
let cache: string;
let environment: Record<string, string>;

before(() => {
  root = mkdtempSync(join(tmpdir(), 'virt-df-formats-'));
});
after(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  const home = mkdtempSync(join(root, 'home-'));
  folder = join(home, 'formats');
  cache = join(home, 'cache');
  mkdirSync(folder);
  environment = { XDG_CONFIG_HOME: join(home, 'config'), XDG_CACHE_HOME: cache };
});

function put(name: string, text: string, mode = 0o644): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

/** A volume of the format that `ksy()` describes. */
function volume(): Uint8Array {
  const bytes = new Uint8Array(64 * 1024);
  bytes.set(new TextEncoder().encode('HOSTILE!'));
  bytes[8] = 100;
  return bytes;
}

describe('a user format', () => {
  it('is read without a build, compiled once and kept where only the user can write', async () => {
    put('hostile.ksy', ksy());
    const read = async () => {
      const { formats, problems } = await loadUserFormats([folder], environment);
      assert.deepEqual(problems, []);
      const format = await formats[0]?.entry.load();
      const source = memorySource(volume());
      assert.equal(await format?.probe?.(source), true);
      return (await format?.open(source))?.usage('guest');
    };
    const first = await read();
    assert.equal(first?.blockCount, 100);
    const kept = readdirSync(join(cache, 'virt-df'));
    assert.equal(kept.length, 1);
    let threadCount = 0;
    const onThread = () => {
      threadCount += 1;
    };
    subscribe('worker_threads', onThread);
    assert.deepEqual(await read(), first);
    assert.equal(threadCount, 0, 'the second time nothing is compiled');
    rmSync(join(cache, 'virt-df', kept[0] ?? assert.fail()));
    assert.deepEqual(await read(), first);
    unsubscribe('worker_threads', onThread);
    assert.equal(threadCount, 1, 'without what was kept it is');
    assert.deepEqual(readdirSync(join(cache, 'virt-df')), kept);
  });

  it('has no text of more than 64 KiB', async () => {
    for (const [size, code] of [
      [65_536, null],
      [65_537, 'LIMIT'],
    ] as const) {
      const seq = `  - id: text\n    size: ${size}\n    type: str\n    encoding: ASCII\n`;
      put('hostile.ksy', ksy({ seq }).replace('size: 64\n', 'size: 70000\n'));
      const { formats } = await loadUserFormats([folder], environment);
      const format = await formats[0]?.entry.load();
      const bytes = new Uint8Array(70_000);
      bytes.set(volume());
      const read = async () => (await format?.open(memorySource(bytes)))?.usage('guest');
      if (code === null) assert.equal((await read())?.blockCount, 100);
      else await assert.rejects(read, { code, message: 'a text has 65537 bytes, more than 65536' });
    }
  });

  it('is compiled again when what is kept is damaged', async () => {
    put('hostile.ksy', ksy());
    const load = async () => {
      const { formats } = await loadUserFormats([folder], environment);
      return formats[0]?.entry.load();
    };
    await load();
    const [name = ''] = readdirSync(join(cache, 'virt-df'));
    const path = join(cache, 'virt-df', name);
    const good = readFileSync(path, 'utf8');
    writeFileSync(path, `${good}globalThis.virtDfTestPwned = 'cache';`);
    await load();
    assert.equal(Reflect.get(globalThis, 'virtDfTestPwned'), undefined);
    assert.equal(readFileSync(path, 'utf8'), good);
  });

  it('is not kept in a cache that others can write', async () => {
    put('hostile.ksy', ksy());
    mkdirSync(join(cache, 'virt-df'), { recursive: true });
    chmodSync(join(cache, 'virt-df'), 0o777);
    const { formats } = await loadUserFormats([folder], environment);
    await formats[0]?.entry.load();
    assert.deepEqual(readdirSync(join(cache, 'virt-df')), []);
  });

  it('is found in VIRT_DF_FORMATS and in the configuration', async () => {
    put('hostile.ksy', ksy());
    const config = join(environment.XDG_CONFIG_HOME ?? '', 'virt-df', 'formats');
    mkdirSync(config, { recursive: true });
    writeFileSync(join(config, 'other.ksy'), ksy({ name: 'other' }), { mode: 0o600 });
    const { formats } = await loadUserFormats([], { ...environment, VIRT_DF_FORMATS: folder });
    assert.deepEqual(
      formats.map(({ spec }) => spec.name),
      ['hostile', 'other'],
    );
  });

  it('comes after what is built in, and replaces what has its name', async () => {
    put('hostile.ksy', ksy());
    put('minix.ksy', ksy({ name: 'minix' }));
    const { formats } = await loadUserFormats([folder], environment);
    const all = withUserFormats(filesystems, formats);
    assert.equal(all.at(-1)?.name, 'hostile');
    assert.equal(all.length, filesystems.length + 1);
    const minix = all.find(({ name }) => name === 'minix');
    assert.equal(minix, formats.find(({ spec }) => spec.name === 'minix')?.entry);
  });
});

describe('a configuration and a cache below a folder of another user', { skip: notRoot }, () => {
  /** Root keeps HOME, which is the user 65534's; the files in it are root's own. */
  function inHomeOfAnother(link: boolean): void {
    put('hostile.ksy', ksy());
    const home = dirname(cache);
    const config = join(home, 'config', 'virt-df', 'formats');
    mkdirSync(config, { recursive: true });
    writeFileSync(join(config, 'other.ksy'), ksy({ name: 'other' }), { mode: 0o600 });
    mkdirSync(join(cache, 'virt-df'), { recursive: true, mode: 0o700 });
    if (link) {
      // The folders are root's, and only the way to them is the user's.
      const way = join(home, 'way');
      mkdirSync(way);
      symlinkSync(home, join(way, 'home'));
      chownSync(way, 65534, 65534);
      environment = {
        XDG_CONFIG_HOME: join(way, 'home', 'config'),
        XDG_CACHE_HOME: join(way, 'home', 'cache'),
      };
    } else chownSync(home, 65534, 65534);
  }

  for (const link of [false, true]) {
    it(`are ignored, with a line for each${link ? ', also where only a link is his' : ''}`, async () => {
      inHomeOfAnother(link);
      const { formats, problems, note } = await loadUserFormats([folder], environment);
      assert.deepEqual(
        formats.map(({ spec }) => spec.name),
        ['hostile'],
      );
      const [problem, ...others] = problems;
      assert.deepEqual([problem?.code, others], ['BAD_FORMAT_FILE', []]);
      for (const line of [problem?.message, note]) {
        assert.match(line ?? '', / is ignored: .* belongs to user 65534, and this is user 0$/u);
      }
      await formats[0]?.entry.load();
      assert.deepEqual(readdirSync(join(cache, 'virt-df')), [], 'nothing is kept there');
    });
  }

  it('are believed where all is the own one', async () => {
    put('hostile.ksy', ksy());
    const { formats, problems, note } = await loadUserFormats([folder], environment);
    assert.deepEqual([formats.length, problems, note], [1, [], null]);
    await formats[0]?.entry.load();
    assert.equal(readdirSync(join(cache, 'virt-df')).length, 1);
  });
});

describe('a file that is not trusted', () => {
  const only = async () => {
    const { formats, problems } = await loadUserFormats([folder], environment);
    assert.deepEqual(formats, []);
    assert.equal(problems.length, 1);
    const [problem] = problems;
    assert.equal(problem?.code, 'BAD_FORMAT_FILE');
    return problem?.message ?? '';
  };

  it('is one that the group can write', async () => {
    const path = put('hostile.ksy', ksy(), 0o664);
    assert.match(await only(), new RegExp(`^${path}: .*chmod go-w`, 'u'));
  });

  it('is one that anybody can write', async () => {
    put('hostile.ksy', ksy(), 0o646);
    assert.match(await only(), /others than its owner can write it/u);
  });

  it('is a symbolic link', async () => {
    const target = join(root, 'target.ksy');
    writeFileSync(target, ksy());
    symlinkSync(target, join(folder, 'hostile.ksy'));
    assert.match(await only(), /symbolic link/u);
  });

  it('is a folder', async () => {
    mkdirSync(join(folder, 'hostile.ksy'));
    assert.match(await only(), /not a plain file/u);
  });

  it('is one that is too large', async () => {
    put('hostile.ksy', `${ksy()}# ${'x'.repeat(1024 * 1024)}\n`);
    assert.match(await only(), /more than 262144/u);
  });

  it('does not keep the others from being read', async () => {
    put('hostile.ksy', ksy(), 0o666);
    put('broken.ksy', 'meta: [');
    put('good.ksy', ksy({ name: 'good' }));
    const { formats, problems } = await loadUserFormats([folder], environment);
    assert.deepEqual(
      formats.map(({ spec }) => spec.name),
      ['good'],
    );
    assert.equal(problems.length, 2);
  });

  it('lies in a folder that is not there', async () => {
    const missing = join(folder, 'missing');
    await assert.rejects(loadUserFormats([missing], environment), { code: 'USAGE' });
  });
});

describe('a hostile specification', () => {
  it('runs nothing of what stands in comments and strings', async () => {
    put('hostile.ksy', everywhere(injected()));
    assert.equal(await useAll(), true, 'it is compiled');
    assertNothingRan();
  });

  for (const [where, text] of injections(injected())) {
    it(`is refused: ${where}`, async () => {
      put('hostile.ksy', text);
      assert.equal(await useAll(), false);
      assertNothingRan();
    });
  }

  function assertNothingRan(): void {
    assert.equal(existsSync(join(tmpdir(), MARK)), false, 'a file was written');
    assert.equal(Reflect.get(globalThis, MARK), undefined, 'code ran in the program');
    assert.equal(Reflect.get({}, 'polluted'), undefined);
    for (const name of existsSync(cache) ? readdirSync(join(cache, 'virt-df')) : []) {
      assert.match(name, /^[0-9a-f]{64}\.js$/u);
    }
  }

  for (const [what, text] of bombs()) {
    it(`ends: ${what}`, async () => {
      put('hostile.ksy', text);
      assert.equal(await useAll(), false);
    });
  }

  it('ends when the compiler takes too long', async () => {
    const path = put('hostile.ksy', ksy());
    await assert.rejects(compileFormat({ path, bytes: readFileSync(path) }, { timeoutMs: 5 }), {
      code: 'BAD_FORMAT_FILE',
      message: /did not finish within 0\.005 s/u,
    });
  });

  it('says what to install when the compiler is missing', async () => {
    const path = put('hostile.ksy', ksy());
    const generator = join(root, 'generate.mjs');
    writeFileSync(generator, "import 'ts-morph';");
    await assert.rejects(
      compileFormat({ path, bytes: readFileSync(path) }, { generator: pathToFileURL(generator) }),
      { code: 'BAD_FORMAT_FILE', message: /npm install kaitai-struct-compiler@\S+ ts-morph@\S+/u },
    );
  });

  /** Loads, probes and reads whatever the folder gives: whether it was compiled. All that may be thrown has a code. */
  async function useAll(): Promise<boolean> {
    const source = memorySource(volume());
    let isCompiled = false;
    try {
      const { formats } = await loadUserFormats([folder], environment);
      for (const { entry } of formats) {
        const format = await entry.load();
        isCompiled = true;
        if (await format.probe?.(source)) await (await format.open(source)).usage('guest');
      }
    } catch (error) {
      assert.ok(error instanceof VirtDfError, String(error));
    }
    return isCompiled;
  }
});
