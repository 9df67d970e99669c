// What is said next where libvirt cannot be connected to, by its own words as libvirt 9 says them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextStep } from '../../src/guests/libvirt/next-step.js';

const SYSTEM_ERROR = 38;
const RPC = 39;
const AUTH_FAILED = 45;

test('each failure has its next step', () => {
  for (const [uri, code, message, words] of [
    [
      'qemu+ssh://root@h:22/system',
      SYSTEM_ERROR,
      'Cannot recv data: ssh: connect to host h port 22: Connection refused: Connection reset by peer',
      "'ssh -p 22 root@h' has to work first",
    ],
    [
      'qemu+ssh://root@[::1]:22/system',
      SYSTEM_ERROR,
      'Cannot recv data: ssh: connect to host ::1 port 22: Connection refused: Connection reset by peer',
      "'ssh -p 22 root@::1' has to work first",
    ],
    [
      'qemu+ssh://h/system',
      SYSTEM_ERROR,
      'Cannot recv data: Host key verification failed.: Connection reset by peer',
      "log in once with 'ssh h'",
    ],
    [
      'qemu+ssh://h/system',
      SYSTEM_ERROR,
      'Cannot recv data: ssh: Could not resolve hostname h: Name or service not known: Connection reset by peer',
      'finds no address',
    ],
    [
      'qemu+tcp://h/system',
      SYSTEM_ERROR,
      "unable to connect to server at 'h:16509': Connection refused",
      'qemu+ssh://',
    ],
    [
      'qemu+tls://h/system',
      RPC,
      "Cannot read CA certificate '/etc/pki/CA/cacert.pem': No such file or directory",
      'tlscerts',
    ],
    [
      'qemu+tcp://h/system',
      SYSTEM_ERROR,
      "unable to connect to server at 'h:16509': No route to host",
      'firewall',
    ],
    ['esx://h/', AUTH_FAILED, 'authentication failed: Missing credentials', 'auth.conf'],
    ['esx://h/', RPC, "IP address lookup for host 'h' failed", 'finds no address'],
    [
      'qemu:///system',
      SYSTEM_ERROR,
      "Failed to connect socket to '/var/run/libvirt/libvirt-sock-ro': No such file or directory",
      'is the libvirt daemon running',
    ],
  ] as const) {
    const said = nextStep(uri, code, message);
    assert.match(said, /^; /u, uri);
    assert.ok(said.includes(words), said);
    assert.ok(!said.includes('?pass'), said);
  }
  assert.equal(nextStep('qemu:///system', RPC, 'of another kind'), '');
});
