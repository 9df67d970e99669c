// Asking many domains about their jobs by connections that hang, fail, or do not know a call; and that no record is taken away.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LibvirtError, VirtDfError } from '../../src/errors.js';
import { allJobs } from '../../src/guests/libvirt/all-jobs.js';
import { allStats } from '../../src/guests/libvirt/all-stats.js';
import type { LibvirtFunctions } from '../../src/guests/libvirt/binding.js';
import { bindJobs } from '../../src/guests/libvirt/job-binding.js';
import type { JobConnection, OpenForJobs } from '../../src/guests/libvirt/job-connection.js';
import { jobAnswers } from '../../src/guests/libvirt/job-native.js';
import { parseBackup, parseMirrors } from '../../src/guests/libvirt/job-xml.js';
import { keptConnections } from '../../src/guests/libvirt/kept-connections.js';

const NO_SUPPORT = 3;
const IDLE = { state: { state: 1, reason: 1 }, jobStats: { type: 0, fields: {} }, blockJob: null };

type Ask = (op: string, uuid: string) => Promise<unknown>;

function namedIn(args: object): string {
  if ('uuids' in args) return [args.uuids].flat().join();
  return 'uuid' in args ? String(args.uuid) : '';
}

/** Connections whose answers are those of `ask`; giving one up fails what waits, as the end of its process does. */
function connections(ask: Ask) {
  const asked: string[] = [];
  const open: OpenForJobs = async () => {
    let [fail, isBroken]: [(error: Error) => void, boolean] = [() => {}, false];
    const ended = new Promise<never>((_, reject) => {
      fail = reject;
    });
    ended.catch(() => {});
    asked.push('open');
    const answer = (op: string, uuid: string) => {
      asked.push(`${op} ${uuid}`);
      return Promise.race([ask(op, uuid), ended]);
    };
    const unused = async () => assert.fail();
    return {
      ...{ uri: null, calls: new Map(), countAnew: () => {}, isBroken: () => isBroken },
      ...{ domains: async () => [], states: unused, volumePath: unused },
      // As what is asked for has it.
      ask: (op, args) =>
        answer(op, namedIn(args)) as ReturnType<JobConnection['ask']> as Promise<never>,
      xml: async (uuid) => String(await answer('xml', uuid)),
      giveUp() {
        asked.push('giveUp');
        isBroken = true;
        fail(new LibvirtError('TIMEOUT', 'it hangs'));
      },
      close: async () => {},
    };
  };
  return { kept: keptConnections(open), asked };
}

const idle = async (op: string) => Object.entries(IDLE).find(([name]) => name === op)?.[1] ?? null;
const domains = (...uuids: readonly string[]) =>
  uuids.map((uuid) => ({ uuid, disks: ['vda', 'vdb'] }));
const codeOf = (answer: unknown) => (answer instanceof VirtDfError ? answer.code : 'told');

describe('many domains', () => {
  test('those that hang have a row each; the others wait for none of them', async () => {
    const hangs = new Set(['a', 'b', 'c']);
    const { kept, asked } = connections((op, uuid) =>
      hangs.has(uuid) && op === 'jobStats' ? new Promise(() => {}) : idle(op),
    );
    const found = await allJobs(
      domains('a', 'b', 'c', 'd', 'e'),
      { uri: null, timeoutSeconds: 2 },
      kept,
    );
    assert.deepEqual(found.map(codeOf), ['TIMEOUT', 'TIMEOUT', 'TIMEOUT', 'told', 'told']);
    const given = asked.indexOf('giveUp');
    for (const one of ['state d', 'state e']) assert.ok(asked.indexOf(one) < given, String(asked));
    assert.match(String(found[0]), /its hypervisor did not answer within 2 seconds/u);
    assert.equal(asked.filter((one) => one === 'open').length, 4);
  });

  test('one connection asks all that answer; where none can be opened nobody waits twice', async () => {
    const { kept, asked } = connections(idle);
    const query = { uri: null, timeoutSeconds: 5 };
    const found = await allJobs(domains('a', 'b', 'c'), query, kept);
    assert.deepEqual(found.map(codeOf), ['told', 'told', 'told']);
    assert.equal(asked.filter((one) => one === 'open').length, 1);
    let count = 0;
    const refuse: OpenForJobs = async () => {
      count++;
      throw new LibvirtError('LIBVIRT_CONNECT', 'no');
    };
    const refused = await allJobs(domains('a', 'b', 'c'), query, keptConnections(refuse));
    assert.deepEqual(refused.map(codeOf), [
      'LIBVIRT_CONNECT',
      'LIBVIRT_CONNECT',
      'LIBVIRT_CONNECT',
    ]);
    assert.equal(count, 1);
  });

  test('where no second connection is had, the first goes on when it was given up', async () => {
    const { kept, asked } = connections((op, uuid) =>
      uuid === 'a' && op === 'jobStats' ? new Promise(() => {}) : idle(op),
    );
    let count = 0;
    const take: typeof kept.take = async (...args) => {
      count += 1;
      if (count === 2) throw new LibvirtError('LIBVIRT_CONNECT', 'too many clients');
      return kept.take(...args);
    };
    const query = { uri: null, timeoutSeconds: 1 };
    const found = await allJobs(domains('a', 'b', 'c'), query, { ...kept, take });
    assert.deepEqual(found.map(codeOf), ['TIMEOUT', 'told', 'told']);
    assert.ok(asked.indexOf('giveUp') < asked.indexOf('state b'));
  });

  test('XML of a backup that is none costs the names of its files alone', async () => {
    const running = { type: 2, fields: { operation: 9 } };
    const { kept } = connections(async (op) => {
      if (op === 'jobStats') return running;
      return op === 'backupXml' || op === 'xml' ? '<odd/>' : idle(op);
    });
    const [found] = await allJobs(domains('a'), { uri: null, timeoutSeconds: 5 }, kept);
    assert.ok(found !== undefined && !(found instanceof VirtDfError));
    assert.deepEqual(found.current, running);
    assert.deepEqual([found.backup, found.untold.map(codeOf)], [null, ['INVALID', 'INVALID']]);
  });

  test('a call that there is not is told, once for all disks', async () => {
    const { kept, asked } = connections(async (op) => {
      if (op !== 'blockJob') return idle(op);
      throw new LibvirtError('LIBVIRT', 'not supported', { data: { libvirtCode: NO_SUPPORT } });
    });
    const [found] = await allJobs(domains('a'), { uri: null, timeoutSeconds: 5 }, kept);
    assert.ok(found !== undefined && !(found instanceof VirtDfError));
    assert.deepEqual(found.untold.map(codeOf), ['LIBVIRT']);
    assert.equal(asked.filter((one) => one.startsWith('blockJob')).length, 1);
  });

  test('where only the job of the guest cannot be asked for, all disks are', async () => {
    const { kept, asked } = connections(async (op) => {
      if (op !== 'jobStats') return idle(op);
      throw new LibvirtError('LIBVIRT', 'not supported', { data: { libvirtCode: NO_SUPPORT } });
    });
    await allJobs(domains('a'), { uri: null, timeoutSeconds: 5 }, kept);
    assert.equal(asked.filter((one) => one.startsWith('blockJob')).length, 2);
  });

  test('a domain that is shut off is asked for its record alone', async () => {
    const { kept, asked } = connections(async (op) =>
      op === 'state' ? { state: 5, reason: 1 } : idle(op),
    );
    await allJobs(domains('a'), { uri: null, timeoutSeconds: 5 }, kept);
    assert.deepEqual(asked, ['open', 'state a', 'jobStats a']);
  });
});

describe('the stats of many domains', () => {
  const query = {
    ...{ uri: null, timeoutSeconds: 0.5 },
    wanted: { groups: ['block'], hasBacking: true },
  } as const;

  test('are one call, and without domains that went away', async () => {
    const { kept, asked } = connections(async () => new Map([['a', { 'block.count': 0 }]]));
    const found = await allStats(['a', 'b'], query, kept);
    const told = [...found].map(([uuid, one]) => [uuid, 'fields' in one ? one.fields : one]);
    assert.deepEqual(told, [['a', { 'block.count': 0 }]]);
    assert.deepEqual(asked, ['open', 'domainStats a,b']);
    assert.equal((await allStats([], query, kept)).size, 0);
  });

  test('where one hangs all are asked one by one, and it has a row of its own', async () => {
    const { kept } = connections((_, uuids) =>
      uuids.includes('a')
        ? new Promise(() => {})
        : Promise.resolve(new Map([[uuids, { 'block.count': 1 }]])),
    );
    const found = await allStats(['a', 'b', 'c'], query, kept);
    assert.deepEqual(
      [...found].map(([uuid, answer]) => [uuid, codeOf(answer)]),
      [
        ['a', 'TIMEOUT'],
        ['b', 'told'],
        ['c', 'told'],
      ],
    );
  });

  test('what a driver does not know is not asked for again', async () => {
    const { kept, asked } = connections(async () => {
      throw new LibvirtError('LIBVIRT', 'not supported', { data: { libvirtCode: NO_SUPPORT } });
    });
    await assert.rejects(allStats(['a', 'b'], query, kept), { code: 'LIBVIRT' });
    assert.deepEqual(asked, ['open', 'domainStats a,b']);
  });
});

test('the record of a job that ended is read so that it stays', () => {
  const seen: number[] = [];
  const jobStats: LibvirtFunctions['jobStats'] = (_, flags) => {
    seen.push(flags);
    return { result: 0, type: 0, fields: {} };
  };
  const libvirt = { jobStats } as LibvirtFunctions;
  const answers = jobAnswers(
    libvirt,
    () => null,
    () => new LibvirtError('LIBVIRT', ''),
  );
  for (const isEnded of [false, true]) answers.jobStats({ uuid: '', isEnded });
  // VIR_DOMAIN_JOB_STATS_COMPLETED takes it away unless _KEEP_COMPLETED is there too.
  assert.deepEqual(seen, [0, 1 + 2]);
});

test('a function that an old library does not have is told by its name when it is asked for', () => {
  const library = {
    func(declaration: string) {
      if (declaration.includes('Backup')) throw new Error('Cannot find function in shared library');
      return () => -1;
    },
  };
  const missing = (name: string): never => {
    throw new LibvirtError('LIBVIRT', `no ${name}`);
  };
  const functions = bindJobs({ struct: () => {} } as never, library as never, missing);
  assert.equal(functions.jobStats(null, 0).result, -1);
  assert.throws(() => functions.backupXml(null), { message: 'no virDomainBackupGetXMLDesc' });
});

describe('XML', () => {
  test('a backup: its mode, and the file of each disk that takes part', () => {
    const pull = parseBackup(`<domainbackup mode='pull'><incremental>ck1</incremental>
      <server transport='unix' socket='/run/s'/><disks>
      <disk name='vda' backup='yes' type='file' backupmode='full' index='5'><driver type='qcow2'/>
        <scratch file='/s/vda'/></disk>
      <disk name='vdb' backup='yes' type='block' index='6'><scratch dev='/dev/vg/vdb'/></disk>
      <disk name='vdc' backup='no'/></disks></domainbackup>`);
    const role = 'scratch';
    assert.deepEqual(pull, {
      mode: 'pull',
      isIncremental: true,
      disks: [
        { disk: 'vda', role, path: '/s/vda', type: 'file', format: 'qcow2', index: '5' },
        { disk: 'vdb', role, path: '/dev/vg/vdb', type: 'block', format: null, index: '6' },
      ],
    });
    const push = parseBackup(
      `<domainbackup mode='push'><disks><disk name='a' type='file'><target file='/t'/></disk></disks></domainbackup>`,
    );
    assert.deepEqual(
      [push.mode, push.disks[0]?.role, push.disks[0]?.path],
      ['push', 'target', '/t'],
    );
  });

  test('mirrors of disks', () => {
    const found = parseMirrors(`<domain><devices><disk><target dev='vda'/>
      <mirror type='file' job='copy' ready='yes'><format type='raw'/><source file='/c' index='8'/></mirror></disk>
      <disk><target dev='vdb'/><mirror type='block' job='active-commit'><source dev='/d'/></mirror></disk>
      <disk><target dev='vdc'/></disk></devices></domain>`);
    assert.deepEqual(found, [
      { disk: 'vda', isReady: true, path: '/c', type: 'file', format: 'raw', index: '8' },
      { disk: 'vdb', isReady: false, path: '/d', type: 'block', format: null, index: null },
    ]);
    assert.throws(() => parseMirrors('<domainbackup/>'), { code: 'INVALID' });
  });
});
