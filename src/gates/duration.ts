import * as z from 'zod';

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const form = /^(\d{1,6})([smhd])$/u;

export const duration = z
  .string()
  .regex(form, 'GT008 Write a time such as 30s, 15m, 72h or 7d.')
  .describe('a time such as 30s, 15m, 72h or 7d');

/** Milliseconds of a text that `duration` admits. */
export function durationMs(text: string): number {
  const [, amount = '0', unit = 's'] = form.exec(text) ?? [];
  return Number(amount) * unitMs[unit as keyof typeof unitMs];
}

/** As a person says it, in its largest unit, rounded down: `3 h`. */
export function spokenDuration(milliseconds: number): string {
  const units = [
    [unitMs.d * 2, unitMs.d, 'd'],
    [unitMs.h, unitMs.h, 'h'],
    [unitMs.m, unitMs.m, 'min'],
  ] as const;
  const [, size, name] = units.find(([from]) => milliseconds >= from) ?? [0, unitMs.s, 's'];
  return `${String(Math.floor(milliseconds / size))} ${name}`;
}
