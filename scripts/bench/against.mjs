// npm run bench -- --against COMMIT [--node PATH]... [--turns FACTOR] [CASE...]: this tree and a commit side by side, by the CPU
// time of whole processes with their children, in turns. It ends with what got worse by more than 3 %, and exit status 1 then.
// With several --node it also says what a df of one image adds to `node -e 0` on each.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CASES } from './cases.mjs';
import { hasTool } from './measure.mjs';
import { change, cpuOf, inTurns, medianInterval, verdict } from './paired.mjs';

const START_TURNS = 21;
const WORDS = { worse: 'WORSE', unclear: 'unclear: too noisy', better: 'better', same: '' };

/** The commit's program, built in a folder of its own. */
function buildCommit(commit, folder) {
  const tree = join(folder, 'tree');
  mkdirSync(tree);
  const archive = execFileSync('git', ['archive', commit], { maxBuffer: 2 ** 32 });
  execFileSync('tar', ['-x', '-C', tree], { input: archive });
  const locks = ['.', tree].map((one) => readFileSync(join(one, 'package-lock.json'), 'utf8'));
  const quiet = { cwd: tree, stdio: ['ignore', 'ignore', 'inherit'] };
  if (locks[0] === locks[1]) symlinkSync(resolve('node_modules'), join(tree, 'node_modules'));
  else execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], quiet);
  execFileSync(process.execPath, ['scripts/build.mjs'], quiet);
  return join(tree, 'dist/virt-df.js');
}

function signed(value) {
  return `${value < 0 ? '' : '+'}${value.toFixed(1)}`;
}

/** One case: its line, and what became of it. */
async function measureCase(name, node, bins, factor) {
  const { tools, turns, make, whyNot, isLarge, isHere } = CASES[name];
  const tool = Object.keys(tools).find((one) => !hasTool(one));
  const reason = tool === undefined ? whyNot?.() : `needs ${tool} (Debian: ${tools[tool]})`;
  if (reason) return { line: `${name.padEnd(8)} not measured: ${reason}`, verdict: 'same' };
  const base = isHere ? process.cwd() : isLarge ? '/dev/shm' : tmpdir();
  const folder = mkdtempSync(join(base, 'build-bench-'));
  try {
    const isKnown = (path) =>
      bins.every((bin) => spawnSync(node, [bin, '-t', path], { stdio: 'ignore' }).status === 0);
    const args = await make(folder, isKnown);
    const count = Math.max(3, Math.round(turns * factor));
    const commands = bins.map((bin) => [node, [bin, ...args]]);
    const refusal = await cpuOf(commands[0]).catch((error) => error);
    if (refusal instanceof Error) {
      const line = `${name.padEnd(8)} not measured: the commit cannot do it (${refusal.message.slice(-200).trim()})`;
      return { line, verdict: 'same' };
    }
    const cpu = (await inTurns(commands, count)).map((runs) => runs.map(({ cpuMs }) => cpuMs));
    const changed = change(...cpu);
    const [from, to] = cpu.map((values) => medianInterval(values).middle.toFixed(0));
    const noise = `${signed(changed.low)} to ${signed(changed.high)}`;
    const line = `${name.padEnd(8)} ${from.padStart(7)} -> ${to.padStart(7)} ms  ${signed(changed.middle).padStart(6)} %  (${noise}; ${count} turns)`;
    return { line: `${line}  ${WORDS[verdict(changed)]}`, verdict: verdict(changed) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a df of one image takes beyond a Node that does nothing. */
async function measureStart(node, bins, factor) {
  const version = String(execFileSync(node, ['-v'])).trim();
  const image = 'images/ext4-default.qcow2';
  const commands = [[node, ['-e', '0']], ...bins.map((bin) => [node, [bin, '-t', image]])];
  const runs = await inTurns(commands, Math.max(3, Math.round(START_TURNS * factor)));
  const [nothing, ...cpu] = runs.map((all) => all.map(({ cpuMs }) => cpuMs));
  const [before, now] = cpu.map((values) =>
    medianInterval(values.map((value, i) => value - nothing[i])),
  );
  const text = ({ middle, low, high }) =>
    `${signed(middle)} ms (${signed(low)} to ${signed(high)})`;
  return `${version.padEnd(9)} node -e 0 ${medianInterval(nothing).middle.toFixed(1)} ms; one image ${text(before)} -> ${text(now)}`;
}

export async function against(commit, { nodes, factor, names }) {
  const unknown = names.find((name) => CASES[name] === undefined);
  if (unknown) throw new Error(`no case ${unknown}; there are ${Object.keys(CASES).join(', ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-against-'));
  try {
    const bins = [buildCommit(commit, folder), resolve('dist/virt-df.js')];
    console.log(
      `CPU time of whole processes, ${commit} -> this tree (medians; 95 % interval of the change):`,
    );
    const found = [];
    for (const name of names.length > 0 ? names : Object.keys(CASES)) {
      const { line, verdict: became } = await measureCase(name, nodes[0], bins, factor);
      console.log(`  ${line.trimEnd()}`);
      found.push({ name, became });
    }
    console.log('\nOne image beyond `node -e 0` (medians of pairs; 95 % interval):');
    for (const node of nodes) console.log(`  ${await measureStart(node, bins, factor)}`);
    const worse = found.filter(({ became }) => became === 'worse').map(({ name }) => name);
    const unclear = found.filter(({ became }) => became === 'unclear').map(({ name }) => name);
    console.log(`\nWorse by more than 3 %: ${worse.join(', ') || 'nothing'}`);
    if (unclear.length > 0)
      console.log(`Too noisy to tell: ${unclear.join(', ')} (give --turns 3 or a quieter machine)`);
    if (worse.length > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
