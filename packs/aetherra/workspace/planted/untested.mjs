// Planted: new, and no test has heard of it.
export const untested = (x) => x + 1;
