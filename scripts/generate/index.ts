// The generator as a library: .ksy -> TypeScript.
export {};
