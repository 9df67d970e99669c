// The version, put in by the build from package.json: nothing is looked up at run time.
declare const VIRT_DF_VERSION: string;

export const VERSION: string = VIRT_DF_VERSION;
