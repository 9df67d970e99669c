// The public library: what the command line does, a program can do by import.
export * from './errors.js';
