// Loaded before each file of tests: Node's test runner watches every promise of the program, by async hooks, only to know
// whose test failed to catch an error. That takes four fifths of the time of tests which read disks by the thousand. Here its
// hooks hear of its own resources alone, which tell it which test is in which suite; an error that nobody caught fails the file.
// References: Node lib/internal/test_runner/harness.js, createHook() and testResources.
const hooks = require('node:async_hooks');

// What V8 does in a test is its own matter (scripts/test.mjs); what it forks and measures is as users' processes are. The runner loads
// this, too: what it starts are the tests, with its flags.
const ONLY_HERE = /^--(?:no-parallel-scavenge|interrupt-budget=\d+)$/u;
if (!process.execArgv.includes('--test')) {
  process.execArgv = process.execArgv.filter((word) => !ONLY_HERE.test(word));
  delete process.env.GLIBC_TUNABLES;
}

const { AsyncResource, createHook } = hooks;
const listeners = [];

class HeardResource extends AsyncResource {
  constructor(type, options) {
    super(type, options);
    for (const { init } of listeners) init(this.asyncId(), type, this.triggerAsyncId(), this);
  }
}

hooks.AsyncResource = HeardResource;
hooks.createHook = (callbacks) => {
  const isRunner = /node:internal\/test_runner/u.test(new Error('whose').stack.split('\n')[2]);
  if (!isRunner) return createHook(callbacks);
  return {
    enable: () => listeners.push(callbacks),
    disable: () => listeners.splice(listeners.indexOf(callbacks), 1),
  };
};
