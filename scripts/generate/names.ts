// Names: how a .ksy's become TypeScript's, and which would clash.
// References: https://doc.kaitai.io/user_guide.html 5 (identifiers are ^[a-z][a-z0-9_]*$).

export const IDENTIFIER = /^[a-z][a-z0-9_]*$/u;

/** `group_descriptor` -> `GroupDescriptor`, as the compiler names classes. */
export function upperCamel(id: string): string {
  return id
    .split('_')
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('');
}

/** `num_blocks` -> `numBlocks`, as the compiler names members. */
export function lowerCamel(id: string): string {
  const name = upperCamel(id);
  return name.slice(0, 1).toLowerCase() + name.slice(1);
}

/** Members that would replace what every object has, or make it a promise or a JSON document of its own. */
const RESERVED_MEMBERS = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
  'then',
  'toJSON',
]);

/** Names that generated modules use and no class of theirs may have. */
const RESERVED_CLASSES = new Set([
  ...Object.getOwnPropertyNames(globalThis),
  'ByteOrder',
  'Guest',
  'GuestClaims',
  'RecordCursor',
  'Records',
  'SafeStream',
]);

/** Names in the compiler's own output: a type of that name would change what the output means. */
const COMPILER_NAMES = new Set(['Array', 'KaitaiStream', 'Math', 'Number', 'Object', 'Uint8Array']);

/** Whether a member of this id would clash with one that JavaScript gives to objects. */
export function isReservedMember(id: string): boolean {
  return RESERVED_MEMBERS.has(lowerCamel(id));
}

/** Whether a type of this id would hide a name that the compiler's output uses. */
export function isReservedType(id: string): boolean {
  return COMPILER_NAMES.has(upperCamel(id));
}

/** Whether a class of the generated module would hide a global or a name of the run time. */
export function isReservedClass(name: string): boolean {
  return RESERVED_CLASSES.has(name);
}
