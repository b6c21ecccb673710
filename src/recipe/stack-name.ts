const lengthMax = 45;

/** The stack of a domain: dots become `_`, and what is longer than 45 characters is cut. */
export const stackNameOf = (domain: string): string =>
  domain.replaceAll('.', '_').slice(0, lengthMax);
