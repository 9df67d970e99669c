// Shared by the `formats` commands: the form of their answers, the text of a table, the place of the specifications.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as Flags from '@oclif/core/flags';
import type { Spec, SpecProbe } from '../../kaitai/index.js';
import { pad } from '../../report/text.js';
import { displayWidth } from '../../report/width.js';
import { printable } from '../../validation/guest.js';
import { printError, printOut } from '../output.js';

/** The output and exit code of a command, which prints the one and ends with the other. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** 0: done; 1: a specification or an image has errors. */
  readonly exitCode: 0 | 1;
}

/** A flag of theirs. */
export const folders = Flags.string({
  helpValue: 'DIR',
  multiple: true,
  multipleNonGreedy: true,
  summary: 'a folder of your own .ksy formats; repeatable (also: VIRT_DF_FORMATS)',
});

/** Returns the exit code. */
export function print({ stdout, stderr, exitCode }: CommandOutput): number {
  printOut(stdout);
  printError(stderr);
  return exitCode;
}

/** Where formats of users are looked for. */
export interface FormatFolders {
  /** Of --formats, in order. */
  readonly folders: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Columns as wide as their widest cell, two blanks apart; the last one is not padded. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) {
      widths[i] = Math.max(widths[i] ?? 0, displayWidth(cell));
    }
  }
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => pad(cell, widths[i] ?? 0, 'left'))
      .join('  ')
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
}

/** `"CD001" at 0x8001`; the bytes in hexadecimal where they are no text. */
export function probeText({ all }: SpecProbe): string {
  return all
    .map(({ at, align, magic }) => {
      const isText = /^[\x20-\x7e]+$/u.test(magic);
      const bytes = Buffer.from(magic, 'latin1')
        .toString('hex')
        .replace(/..(?!$)/gu, '$& ');
      const where = `0x${Math.abs(at).toString(16)}${at < 0 ? ` from the end${align === undefined ? '' : ` of the last 0x${align.toString(16)}`}` : ''}`;
      return `${isText ? JSON.stringify(magic) : bytes} at ${where}`;
    })
    .join(' and ');
}

/** Where a format is detected, in a few words. */
export function detectionText({ probes }: Spec): string {
  const [first] = probes;
  if (first === undefined) return '-';
  const others = probes.length - 1;
  return printable(probeText(first)) + (others > 0 ? ` or ${others} more` : '');
}

const ROOTS = ['../', '../../', '../../../', '../../../../'];

/** The file of a built-in specification; `ksy` is its path from the package's root. */
export function specificationPath(ksy: string): string {
  const paths = ROOTS.map((root) => fileURLToPath(new URL(root + ksy, import.meta.url)));
  const path = paths.find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`${ksy} is not part of this installation`);
  return path;
}

/** The lines of stderr for files that were left out. */
export function warnings(problems: readonly Error[]): string {
  return problems.map(({ message }) => `virt-df: warning: ${message}\n`).join('');
}
