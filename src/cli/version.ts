/** Kept equal to package.json by test/repo/version.test.ts. */
export const version = '0.1.0';
