// The words of each command, separated by blanks, as they are typed. commands.ts says how each is loaded.

export const COMMAND_NAMES = [
  'df',
  'du',
  'reclaim',
  'pools',
  'map',
  'diff',
  'chain',
  'tree',
  'jobs',
  'top',
  'formats list',
  'formats show',
  'formats check',
] as const;

export type CommandName = (typeof COMMAND_NAMES)[number];
