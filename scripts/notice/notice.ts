// The text of NOTICE: of each third-party package its name, version, licence, the files that have its code, and its licence's
// text. A text that several have to the letter (Apache-2.0) stands once.
import { authorOf, licenceTexts, type Part } from './parts.js';

const LINE = '-'.repeat(100);

const HEAD = `virt-df is free software under the GNU General Public License, version 2 or later: see LICENSE.

This package has code of others, and npm installs packages of others beside it. This file names them and has their licences.
It is made by scripts/notice/ from what the build bundled. docs/dependencies.md says what follows for the whole.`;

/** All of NOTICE. */
export function noticeText(parts: readonly Part[]): string {
  const bundled = parts.filter(({ bundledIn }) => bundledIn.length > 0);
  const beside = parts.filter(
    ({ bundledIn, isOfPlatform }) => bundledIn.length === 0 && !isOfPlatform,
  );
  const platforms = parts.filter(({ isOfPlatform }) => isOfPlatform);
  const seen = new Map<string, string>();
  return [
    HEAD,
    title('Code of these is in files of dist/'),
    ...bundled.map((part) => entry(part, seen)),
    title('npm installs these beside it'),
    ...beside.map((part) => entry(part, seen)),
    title(
      'Of these npm installs the one of the platform; they are parts of koffi, under its licence',
    ),
    platforms.map(({ name, version, licence }) => `${name} ${version} (${licence})`).join('\n'),
    '',
  ].join('\n\n');
}

function title(text: string): string {
  return `${LINE}\n${text}\n${LINE}`;
}

function entry(part: Part, seen: Map<string, string>): string {
  const { name, version, licence, bundledIn, isOptional } = part;
  const author = authorOf(name);
  const head = [
    `${name} ${version}${isOptional ? ', optional' : ''}`,
    `Licence: ${licence}`,
    ...(author === undefined ? [] : [`Author: ${author}`]),
    ...(bundledIn.length === 0 ? [] : [`In: ${bundledIn.join(', ')}`]),
  ];
  const texts = licenceTexts(name);
  if (texts.length === 0) throw new Error(`${name} has no text of its licence: add one to texts/`);
  return [head.join('\n'), ...texts.map((text) => once(text, name, seen))].join('\n\n');
}

/** The text, or where it stands. */
function once(text: string, name: string, seen: Map<string, string>): string {
  const first = seen.get(text);
  if (first !== undefined) return `(its licence has the same text as that of ${first})`;
  seen.set(text, name);
  return text;
}
