// The generated parsers by the words of their formats: a module that start.ts makes of the files of generated/.
declare module 'virtual:parsers' {
  export const parsers: Readonly<Record<string, () => Promise<Readonly<Record<string, unknown>>>>>;
}
