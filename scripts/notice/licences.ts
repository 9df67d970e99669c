// Licences whose code may be in, or run together with, a program under GPL-2.0-or-later, each with the reason.
// References: FSF, "Various Licenses and Comments about Them"; SPDX licence expressions.

/** By their SPDX ids. docs/dependencies.md says what follows for the whole. */
export const ALLOWED: Readonly<Record<string, string>> = {
  MIT: 'asks for the notice only',
  ISC: 'asks for the notice only',
  '0BSD': 'asks for nothing',
  'CC0-1.0': 'asks for nothing',
  'BSD-2-Clause': 'asks for the notice only',
  'BSD-3-Clause': 'asks for the notice, and not to advertise with names',
  'BlueOak-1.0.0':
    'asks for the notice or a link to it; its patent licence does not end, so it takes no right away that the GPL gives',
  'Apache-2.0':
    'fits version 3 of the GPL and not version 2 (its patent licence ends with a suit); ours says "or later", so the whole is taken under version 3',
  'GPL-3.0-or-later': 'the whole is then under version 3 or later, which ours says too',
};

/** Whether an expression of ids, `AND`, `OR` and parentheses is allowed: of `OR` one side is enough. */
export function isAllowed(expression: string): boolean {
  const words = expression.match(/[()]|[^\s()]+/gu) ?? [];
  let at = 0;
  function either(): boolean {
    let allowed = both();
    while (words[at] === 'OR') {
      at += 1;
      allowed = both() || allowed;
    }
    return allowed;
  }
  function both(): boolean {
    let allowed = one();
    while (words[at] === 'AND') {
      at += 1;
      allowed = one() && allowed;
    }
    return allowed;
  }
  function one(): boolean {
    const word = words[at++] ?? '';
    if (word !== '(') return Object.hasOwn(ALLOWED, word);
    const allowed = either();
    return words[at++] === ')' && allowed;
  }
  return either() && at === words.length;
}
