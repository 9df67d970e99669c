// What the XML layer refuses, and what it gives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FormatError } from '../../src/errors.js';
import { attribute, element, elements, parseDocument } from '../../src/guests/libvirt/xml.js';
import { cpuTime } from '../cpu-time.js';

function refused(text: string, code: string, words: RegExp): void {
  assert.throws(
    () => parseDocument(text),
    (error) => {
      assert.ok(error instanceof FormatError, `${error}`);
      assert.equal(error.code, code);
      assert.match(error.message, words);
      return true;
    },
  );
}

test('elements and attributes, with the entities that XML itself has', () => {
  const root = parseDocument(
    '<?xml version="1.0"?><!-- c --><a><b x="1 &amp; &lt;2&gt; &quot;&#65;&#x42;"/><c/><b x=""/></a>',
  );
  assert.equal(root.name, 'a');
  assert.equal(elements(root, 'b').length, 2);
  assert.equal(attribute(element(root, 'b'), 'x'), '1 & <2> "AB');
  assert.equal(attribute(elements(root, 'b')[1] ?? null, 'x'), null, 'an empty value is none');
  assert.equal(attribute(element(root, 'b'), 'constructor'), null);
  assert.equal(attribute(element(root, 'none'), 'x'), null);
  assert.equal(element(element(root, 'none'), 'b'), null);
});

test('a document type declaration is refused, whatever it holds', () => {
  refused('<!DOCTYPE domain><domain/>', 'INVALID', /document type declaration/);
  refused('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'INVALID', /document type declaration/);
  refused('<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', 'INVALID', /cannot be parsed.*&e;/);
  const laughs = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]><a/>';
  refused(laughs, 'INVALID', /document type declaration/);
});

test('text that is no well-formed XML is refused with the parser’s words', () => {
  refused('', 'INVALID', /cannot be parsed/);
  refused('<a>', 'INVALID', /Missing end tag/);
  refused('<a><b></a>', 'INVALID', /Missing end tag/);
  refused('<a x="1" x="2"/>', 'INVALID', /Duplicate attribute/);
  refused('<a/><b/>', 'INVALID', /Extra content/);
  refused('<a>\u0000</a>', 'INVALID', /Invalid character/);
});

test('nesting and size are bounded', () => {
  const depth = 140_000;
  refused('<a>'.repeat(depth) + '</a>'.repeat(depth), 'LIMIT', /nested too deep/);
  refused(`<a>${' '.repeat(1024 * 1024)}</a>`, 'LIMIT', /1048583 characters, more than 1048576/);
});

test('as much of anything as fits takes linear time', () => {
  const pieces = [
    '\r\n',
    '\n',
    '&amp;',
    '<b/>',
    '<!---->',
    '<![CDATA[]]>',
    '<?x?>',
    '😀',
    '<b>',
    '<!--',
  ];
  for (const piece of pieces) {
    const text = `<a>${piece.repeat(Math.floor(1_000_000 / piece.length))}</a>`;
    const spentMs = cpuTime();
    try {
      parseDocument(text);
    } catch (error) {
      assert.ok(error instanceof FormatError, `${error}`);
    }
    assert.ok(spentMs() < 5000, JSON.stringify(piece));
  }
});
