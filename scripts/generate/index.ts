// The generator as a library: .ksy -> TypeScript.
export { printCatalog, printSignatures } from './catalog.js';
export { GenerateError, type Position } from './errors.js';
export type { Finding } from './finding.js';
export { assemble, type GenerateOptions, generate } from './generate.js';
export { lint } from './lint.js';
export { compileUserFormat } from './user-format.js';
