// The login that a libvirt wants is asked for on a terminal, which has its echo again however that ends. libvirt's test driver is the
// one that wants it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { temporaryFolder } from '../guests/fixtures.js';
import { missing } from '../tools.js';
import { df } from './libvirt-rows.js';
import { BIN, ENV, noTerminal } from './support.js';

const skip = missing({ virsh: 'libvirt-clients', script: 'bsdutils' });

describe('a libvirt that wants a login', { skip }, () => {
  const folder = temporaryFolder();
  const file = join(folder.path, 'node.xml');
  const uri = `test://${file}`;
  writeFileSync(
    file,
    `<node><auth><user password='opensesame'>alice</user></auth><domain type='test'>
       <name>behind</name><memory>65536</memory><os><type>hvm</type></os></domain></node>`,
  );
  after(folder.remove);

  test('without a terminal it is said where the login may stand', () => {
    const { status, stderr } = df(['jobs', '-c', uri]);
    assert.equal(status, 3);
    assert.match(stderr, /Missing authentication credentials; a terminal would .*auth\.conf/u);
  });

  /** What a terminal shows, where each answer is typed when its question stands there; then how the terminal is. */
  async function typed(answers: readonly (readonly [RegExp, string])[]): Promise<string> {
    const command = `'${process.execPath}' '${BIN}' jobs -c '${uri}' --timeout 60; echo "status $?"; stty -a`;
    const script = spawn(
      'script',
      ['-qec', `sh -c "${command.replaceAll('"', '\\"').replaceAll('$', '\\$')}"`, '/dev/null'],
      {
        env: { ...ENV, TERM: 'xterm', NO_COLOR: '1' },
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    let [text, next] = ['', 0];
    script.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      const [question, answer] = answers[next] ?? [];
      if (question === undefined || answer === undefined || !question.test(text)) return;
      next += 1;
      script.stdin.write(answer);
    });
    await once(script, 'close');
    return text.replaceAll('\r', '');
  }

  test('a person is asked, and what is secret is not seen', { skip: noTerminal }, async () => {
    const text = await typed([
      [/username for localhost: /u, 'alize\u007f\u007fce\r'],
      [/password for localhost: /u, 'opensesame\r'],
    ]);
    // Its driver has no jobs, which is told of the guest.
    assert.match(text, /\nbehind .*\n.*libvirt does not tell of the job/u);
    assert.doesNotMatch(text, /opensesame/u);
    assert.match(text, /status 1\n/u);
    assert.match(text, /[ ;]echo /u);
  });

  test('Ctrl-C at the question ends the run', { skip: noTerminal }, async () => {
    const text = await typed([[/username for localhost: /u, 'al\u0003']]);
    assert.doesNotMatch(text, /behind/u);
    assert.match(text, /[ ;]echo /u);
  });
});
