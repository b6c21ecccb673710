/** Pairs as `a=1;b=2`. */
export const format = (pairs) => pairs.map(([name, value]) => `${name}=${value}`).join(';');
