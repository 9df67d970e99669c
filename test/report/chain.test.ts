// The outputs of virt-df chain: the tree against golden files, which were reviewed by eye (UPDATE_GOLDEN=1 writes them
// anew), JSON against the schema that ships, XML read back.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseDomainDisks } from '../../src/guests/libvirt/domain-xml.js';
import { attribute, element, elements, parseDocument } from '../../src/guests/libvirt/xml.js';
import type { ChainReport, LayerRecord } from '../../src/queries/chain/record.js';
import { HUMAN, KIBIBYTES } from '../../src/report/block-size.js';
import { chainJson } from '../../src/report/chain/json.js';
import { chainTree, type TreeOptions } from '../../src/report/chain/tree.js';
import { chainXml } from '../../src/report/chain/xml.js';
import { displayWidth } from '../../src/report/width.js';
import { CHAINS, GIB, layer } from './chain-fixtures.js';
import { violations } from './schema.js';

const TERMINAL: TreeOptions = { style: HUMAN, width: 80, hasColor: false, hasUnicode: true };
const PIPE: TreeOptions = { style: HUMAN, width: null, hasColor: false, hasUnicode: false };
const INFO = { version: '1.2.3', generatedAt: '2020-02-03T04:05:06.789Z', host: 'kvm07' };

function golden(name: string, text: string): void {
  const path = `test/report/golden/chain-${name}.txt`;
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, text);
  assert.equal(text, readFileSync(path, 'utf8'));
}

for (const width of [60, 80, 120]) {
  test(`the tree at ${width} columns`, () => {
    const text = chainTree(CHAINS, { ...TERMINAL, width });
    golden(String(width), text);
    for (const line of text.split('\n')) assert.ok(displayWidth(line) <= width, line);
  });
}

test('the tree in a pipe is ASCII, one line for each kind of fact', () => {
  const text = chainTree(CHAINS, PIPE);
  golden('pipe', text);
  assert.match(text, /^[\n\x20-\x7e]*$/u);
});

test('the tree in blocks says what they are, and colours what is wrong', () => {
  golden('blocks', chainTree(CHAINS, { ...PIPE, style: KIBIBYTES, hasColor: true }));
  assert.equal(chainTree([], { ...PIPE, style: KIBIBYTES }), '');
});

/** One disk of so many layers, whose names hold what a guest may write there. */
function hostile(depth: number): ChainReport[] {
  const evil = '/x/a\u001b[31m\u202e\u0000b\n<&"\'>-->]]>';
  let chain: LayerRecord | null = null;
  for (let i = 0; i < depth; i++) {
    chain = layer(`${evil}${'é'.repeat(i)}`, {
      format: `qcow2${evil}`,
      features: [evil],
      backing: chain,
      problem: { code: 'INVALID', message: evil },
      snapshots: [
        {
          id: evil,
          name: evil,
          capacityBytes: 1,
          vmStateBytes: 0,
          createdMs: 2 ** 60,
          ownBytes: null,
        },
      ],
    });
  }
  assert.ok(chain !== null);
  const disks = [{ disk: '/dev/sda', target: evil, chain }];
  const place = { guest: evil, uuid: evil, state: evil, uri: evil };
  const statistics = { readCount: 0, bytesRead: 0 };
  return [{ ...place, disks, problems: [], partFiles: [], statistics }];
}

test('nothing that a guest writes reaches a terminal or leaves its element', () => {
  const reports = hostile(64);
  for (const width of [60, 80]) {
    for (const line of chainTree(reports, { ...TERMINAL, width }).split('\n')) {
      assert.ok(displayWidth(line) <= width, line);
      assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u);
    }
  }
  const root = parseDocument(chainXml(reports));
  let store = element(element(element(root, 'domain'), 'devices'), 'disk');
  for (let i = 63; i >= 0; i--) {
    const file = attribute(element(store, 'source'), 'file');
    assert.equal(file, `/x/a\ufffd[31m\ufffd\ufffdb\ufffd<&"'>-->]]>${'é'.repeat(i)}`);
    store = element(store, 'backingStore');
  }
  assert.deepEqual(store?.children, []);
  const json = chainJson(reports, INFO);
  assert.equal(JSON.parse(json).guests[0].disks[0].chain.snapshots[0].created_at, null);
  assert.doesNotMatch(json, /\\u|\u202e/u);
});

test('--json is valid, recursive, and counts a file that chains share once', () => {
  const schema: unknown = JSON.parse(readFileSync('docs/virt-df-chain-1.schema.json', 'utf8'));
  const document = JSON.parse(chainJson([...CHAINS, ...CHAINS], INFO));
  assert.deepEqual(violations(schema, '#', document), []);
  const [web1] = document.guests;
  const { chain } = web1.disks[0];
  assert.equal(chain.backing.backing.backing.path, '/var/lib/libvirt/images/base.raw');
  assert.deepEqual(chain.backing.backing.upper_bounds, ['commit_bytes']);
  assert.equal(chain.backing.backing.snapshots[0].created_at, '2020-02-03T04:05:06.000Z');
  assert.equal(chain.backing.backing.backing.backing, null);
  assert.deepEqual(
    [document.summary.disks, document.summary.layers, document.summary.files],
    [6, 14, 6],
  );
  const wrong = structuredClone(document);
  wrong.guests[0].disks[0].chain.backing.capacity_bytes = '20G';
  assert.equal(violations(schema, '#', wrong).length, 1);
});

test('the schema of chains has the error codes and every field', () => {
  const { $defs } = JSON.parse(readFileSync('docs/virt-df-chain-1.schema.json', 'utf8'));
  const df = JSON.parse(readFileSync('docs/virt-df-1.schema.json', 'utf8'));
  assert.deepEqual($defs.code, df.$defs.code);
  const { chain } = JSON.parse(chainJson(CHAINS, INFO)).guests[0].disks[0];
  assert.deepEqual(Object.keys(chain), $defs.layer.required);
  assert.deepEqual(Object.keys(chain), Object.keys($defs.layer.properties));
});

test('--xml is what libvirt has of a running domain, with the sizes', () => {
  const text = chainXml(CHAINS);
  golden('xml', text);
  const domains = elements(parseDocument(text), 'domain');
  assert.deepEqual(
    domains.map((domain) => element(domain, 'name')?.text),
    ['web1', 'disk.qcow2', 'diskless', 'net1'],
  );
  const [first = ''] = /<domain>.*?<\/domain>/su.exec(text) ?? [];
  const [disk] = parseDomainDisks(first);
  assert.deepEqual(disk?.location, { kind: 'path', path: '/var/lib/libvirt/images/web1.snap2' });
  assert.deepEqual([disk?.target, disk?.format], ['vda', 'qcow2']);
  assert.deepEqual(disk?.allowedFiles, [
    { path: '/var/lib/libvirt/images/web1.snap1', format: 'qcow2' },
    { path: '/dev/vg/web1', format: 'qcow2' },
    { path: '/dev/vg/web1-data', format: 'raw' },
    { path: '/var/lib/libvirt/images/base.raw', format: 'raw' },
  ]);
  const capacity = element(element(element(domains[0] ?? null, 'devices'), 'disk'), 'capacity');
  assert.deepEqual([attribute(capacity, 'unit'), capacity?.text], ['bytes', String(30 * GIB)]);
});

test('--xml of a disk on a server names it as libvirt does, and is read back as the same', () => {
  const urls = [
    'nbd://h:10809/a%20disk',
    'nbd+unix:///vda?socket=%2Frun%2Fa%20b',
    'nbd+unix:///?socket=%2Frun%2Fdf',
    'https://[::1]/a/b%20c.img',
    'ssh://h:22/srv/x',
  ];
  const [report] = CHAINS;
  assert.ok(report !== undefined);
  const disks = urls.map((path) => ({
    disk: '/dev/sda',
    target: 'vda',
    chain: { ...layer('x'), path },
  }));
  const text = chainXml([{ ...report, disks }]);
  const [domain = ''] = /<domain>.*?<\/domain>/su.exec(text) ?? [];
  assert.deepEqual(
    parseDomainDisks(domain).map(({ location }) => location),
    urls.map((url) => ({ kind: 'url', url })),
  );
  assert.match(text, /<source protocol='nbd' name='a disk'>\s+<host name='h' port='10809'\/>/u);
});

test('of many files the first are listed and the rest counted', () => {
  const [report] = CHAINS;
  assert.ok(report !== undefined);
  const listed = (count: number) => {
    const file = { role: 'extent' as const, allocationBytes: GIB, physicalBytes: GIB };
    const files = Array.from({ length: count }, (_, index) => ({ ...file, path: `/x/${index}` }));
    const disks = [{ disk: '/dev/sda', target: null, chain: layer('/x/0', { files }) }];
    const lines = chainTree([{ ...report, disks }], PIPE).split('\n');
    return lines.filter((line) => line.includes('file')).map((line) => line.trim());
  };
  assert.equal(listed(9).length, 9);
  assert.equal(listed(10).length, 9);
  assert.equal(listed(10).at(-1), 'and 2 more files');
  assert.match(listed(10)[7] ?? '', /^extent file 7 /u);
});
