// dist/index.js: gives programs the library, out of the one copy of the code. The build adds the names of what it has, which `import` asks
// for before it runs. A program that is not ours leaves no files behind.
import { loadCore } from './load-part.js';

module.exports = loadCore(false).library();
