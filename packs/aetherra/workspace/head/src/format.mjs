export const format = (pairs) => pairs.map(([name, value]) => `${name}=${value}`).join(';');
