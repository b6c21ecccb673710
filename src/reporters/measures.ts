// Amounts, times and digests as people read them. All of them depend on records only.

const pad = (amount: number): string => String(amount).padStart(2, '0');

/** `640 ms`, `4.2 s`, `3 min 05 s`, `1 h 02 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${String(Math.round(milliseconds))} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))} min ${pad(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${String(Math.floor(minutes / 60))} h ${pad(minutes % 60)} min`;
}

/** `312 B`, `1.5 KiB`, `64 MiB`. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${String(bytes)} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'] as const;
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  const text = amount < 10 ? amount.toFixed(1).replace('.0', '') : String(Math.round(amount));
  return `${text} ${units[power - 1] ?? 'KiB'}`;
}

/** `one check`, `3 checks`. */
export const count = (amount: number, noun: string): string =>
  `${amount === 1 ? 'one' : String(amount)} ${noun}${amount === 1 ? '' : 's'}`;

/** Milliseconds since 1970 of a record's time; undefined when it is no time. */
export function epochMs(at: string | undefined): number | undefined {
  const value = at === undefined ? Number.NaN : Date.parse(at);
  return Number.isNaN(value) ? undefined : value;
}

/** `2026-03-01 09:30:00 UTC`; what is no time stays as it is. */
export function moment(at: string): string {
  const value = epochMs(at);
  if (value === undefined) return at;
  return `${new Date(value).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** The first 12 digits: enough to compare by eye. */
export const shortDigest = (digest: string): string => digest.slice(0, 12);
