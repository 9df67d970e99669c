// dist/virt-df.js: starts the command line.
import { loadCore } from './load-core.js';

loadCore(true).start();
