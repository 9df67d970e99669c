// A sixth of the images, damaged: see mutation.ts.
import { mutationTests } from './mutation.js';

mutationTests(0);
