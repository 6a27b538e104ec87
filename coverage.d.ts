/** Files that run in processes of their own: c8 measures them, vitest's provider all others. */
export const processFiles: string[];
/** Where children of the tests leave their coverage. */
export const childCoverage: string;
/** What only runs where an optional package is installed. */
export declare const optionalFiles: readonly string[];
