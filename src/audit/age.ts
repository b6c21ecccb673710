const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of an age like `7d` or `12h`; undefined when it is none. */
export function parseDuration(written: string): number | undefined {
  const [, amount, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(written) ?? [];
  return amount === undefined ? undefined : Number(amount) * units[unit as keyof typeof units];
}
