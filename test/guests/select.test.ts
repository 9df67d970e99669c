// Which domains -d means.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectDomains, unmatched } from '../../src/guests/libvirt/select.js';
import { cpuTime } from '../cpu-time.js';

const domains = [
  { name: 'web1', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f' },
  { name: 'web2', uuid: '11111111-2222-3333-4444-555555555555' },
  { name: 'db', uuid: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee' },
  { name: 'a[1]', uuid: '00000000-0000-0000-0000-000000000001' },
  { name: 'a1', uuid: '00000000-0000-0000-0000-000000000002' },
  { name: 'x.y-z', uuid: '00000000-0000-0000-0000-000000000003' },
];

function names(...patterns: readonly string[]): string {
  return selectDomains(domains, patterns)
    .map(({ name }) => name)
    .join(' ');
}

test('names, UUIDs and globs, in the order of the domains and each once', () => {
  assert.equal(names(), 'web1 web2 db a[1] a1 x.y-z');
  assert.equal(names('db', 'web1', 'db'), 'web1 db');
  assert.equal(names('WEB1'), '');
  assert.equal(names('6695eb01-f6a4-8304-79aa-97f2502e193f'), 'web1');
  assert.equal(names('6695EB01F6A4830479AA97F2502E193F', 'web1'), 'web1');
  assert.equal(names('web*'), 'web1 web2');
  assert.equal(names('web**', 'd?'), 'web1 web2 db');
  assert.equal(names('?eb[13-9]'), 'web1');
  assert.equal(names('web[!1]'), 'web2');
  assert.equal(names('*[]]'), 'a[1]');
  assert.equal(names('x.y-*'), 'x.y-z');
  assert.equal(names('x?y-z', 'w.*'), 'x.y-z');
});

test('a domain of just that name comes before a glob', () => {
  assert.equal(names('a[1]'), 'a[1]');
  assert.equal(names('a[12]'), 'a1');
});

test('what is no glob is a name', () => {
  assert.equal(names('[z-a]', 'web[', '('), '');
  assert.deepEqual(unmatched(domains, ['web1', 'nope', 'we*', 'zz*', 'ffffffff-0000']), [
    'nope',
    'ffffffff-0000',
  ]);
});

test('many stars take no time', () => {
  const domain = { name: 'a'.repeat(200), uuid: '00000000-0000-0000-0000-000000000009' };
  const spentMs = cpuTime();
  assert.deepEqual(selectDomains([domain], [`${'*'.repeat(500)}b`]), []);
  assert.ok(spentMs() < 1000);
});
