// A validator of as much JSON Schema as docs/virt-df-1.schema.json uses; it refuses to skip a keyword it does not know.

type Schema = Readonly<Record<string, unknown>>;

const KNOWN = new Set([
  ...[
    '$schema',
    '$id',
    '$defs',
    'title',
    'description',
    '$ref',
    'const',
    'enum',
    'type',
    'pattern',
  ],
  ...['minimum', 'maximum', 'required', 'properties', 'items', 'oneOf', 'allOf'],
]);

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function schemas(value: unknown): Schema[] {
  return Array.isArray(value) ? value.filter(isSchema) : [];
}

/** What is wrong with `value`, each with its path; nothing if it is valid. */
export function violations(root: unknown, start: string, value: unknown): string[] {
  if (!isSchema(root)) throw new Error('the schema is no object');
  return check(root, resolve(root, start), value, '');
}

function resolve(root: Schema, ref: string): Schema {
  let schema: unknown = root;
  for (const word of ref.split('/').slice(1)) schema = isSchema(schema) ? schema[word] : undefined;
  if (!isSchema(schema)) throw new Error(`${ref} is not in the schema`);
  return schema;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isSafeInteger(value) ? 'integer' : typeof value;
}

function check(root: Schema, schema: Schema, value: unknown, path: string): string[] {
  const unknown = Object.keys(schema).filter((keyword) => !KNOWN.has(keyword));
  if (unknown.length > 0) throw new Error(`the validator does not know ${unknown}`);
  const wrong: string[] = [];
  const { $ref, type, pattern, minimum, maximum } = schema;
  const fail = (why: string) => wrong.push(`${path || '/'}: ${why}`);
  if (typeof $ref === 'string') wrong.push(...check(root, resolve(root, $ref), value, path));
  if ('const' in schema && value !== schema.const) fail(`is not ${schema.const}`);
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) fail(`${value} is not listed`);
  if (type !== undefined && ![type].flat().includes(typeOf(value))) fail(`is ${typeOf(value)}`);
  if (typeof pattern === 'string' && !new RegExp(pattern, 'u').test(String(value))) fail('pattern');
  if (typeof value === 'number') {
    if (typeof minimum === 'number' && value < minimum) fail(`${value} is less than ${minimum}`);
    if (typeof maximum === 'number' && value > maximum) fail(`${value} is more than ${maximum}`);
  }
  wrong.push(...checkParts(root, schema, value, path));
  for (const part of schemas(schema.allOf)) wrong.push(...check(root, part, value, path));
  const fitting = schemas(schema.oneOf).filter((one) => check(root, one, value, path).length === 0);
  if ('oneOf' in schema && fitting.length !== 1) fail(`fits ${fitting.length} of oneOf`);
  return wrong;
}

function checkParts(root: Schema, schema: Schema, value: unknown, path: string): string[] {
  const { items, properties, required } = schema;
  if (Array.isArray(value) && isSchema(items)) {
    return value.flatMap((item, index) => check(root, items, item, `${path}/${index}`));
  }
  if (!isSchema(value)) return [];
  const missing = (Array.isArray(required) ? required : []).filter((key) => !(key in value));
  const parts = Object.entries(isSchema(properties) ? properties : {}).flatMap(([key, part]) =>
    isSchema(part) && key in value ? check(root, part, value[key], `${path}/${key}`) : [],
  );
  return [...missing.map((key) => `${path}/${key}: is missing`), ...parts];
}
