// dist/virt-df.js: starts the command line.
import { loadCore } from './load-part.js';

loadCore(true).start();
