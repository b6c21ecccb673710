// What a value without quotes becomes where a text is wanted, in variables and labels. The programs that
// deploy read it as YAML first and print it as Go does, so that `1234567.0` and `2020-01-01` come out as
// something that nobody wrote.

import type { Scalar } from './tree.ts';

/** Nothing for no value. A text stays as it is; so does one that a variable was filled into. */
export function goText(scalar: Scalar): string {
  const { value } = scalar;
  if (value === null) return '';
  if (typeof value === 'number') return numberText(value, writtenAt(scalar));
  return typeof value === 'string'
    ? (timeText(scalar) ?? hugeText(scalar) ?? value)
    : String(value);
}

const writtenAt = ({ source, span }: Scalar): string => source.text.slice(span.start, span.end);

const isFraction = (written: string): boolean =>
  /[.eE]/.test(written) && !/^[-+]?0[xX]/.test(written);

/** Fractions that are large or small get an exponent of two digits; `-0.0` keeps its sign. */
function numberText(value: number, written: string): string {
  if (!isFraction(written)) return String(value);
  if (value === 0) return written.startsWith('-') ? '-0' : '0';
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  const sign = power < 0 ? '-' : '+';
  return power >= -4 && power < 6
    ? String(value)
    : `${digits}e${sign}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** Of a number that no whole one of 64 bits holds, which is kept as a text. */
function hugeText(scalar: Scalar): string | undefined {
  if (!scalar.plain || scalar.template !== undefined) return undefined;
  const written = writtenAt(scalar);
  return /^[-+]?\d+(?:\.\d*)?[eE]\+?\d{2,3}$/.test(written) && Number.isFinite(Number(written))
    ? numberText(Number(written), written)
    : undefined;
}

const day = /^(\d{4})-(\d{1,2})-(\d{1,2})/;
const clock = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d{1,9})?$/;
const zone = /(?:Z|[+-]\d\d:\d\d)$/;

/**
 * As Go prints a time, for what YAML reads as one; undefined for anything else. Clients since Docker 25 do
 * so, older ones keep the text.
 */
export function timeText(scalar: Scalar): string | undefined {
  if (!scalar.plain || scalar.template !== undefined || typeof scalar.value !== 'string')
    return undefined;
  const written = writtenAt(scalar);
  const date = day.exec(written);
  if (date === null) return undefined;
  const hour = hourOf(written.slice(date[0].length));
  if (hour === undefined) return undefined;
  const name = [date[1], padded(date[2]), padded(date[3])].join('-');
  const read = new Date(`${name}T${hour.clock}Z`);
  // There is a day and an hour of that name.
  if (Number.isNaN(read.getTime()) || !read.toISOString().startsWith(`${name}T${hour.clock}`))
    return undefined;
  return `${name} ${hour.clock}${hour.fraction} ${hour.zone}`;
}

type Hour = { readonly clock: string; readonly fraction: string; readonly zone: string };

const midnight: Hour = { clock: '00:00:00', fraction: '', zone: '+0000 UTC' };

/** Behind a `T` with a zone, behind a space without one. */
function hourOf(text: string): Hour | undefined {
  if (text === '') return midnight;
  const offset = zone.exec(text)?.[0];
  if (/^[Tt]/.test(text) === (offset === undefined) || !/^[Tt ]/.test(text)) return undefined;
  const match = clock.exec(text.slice(1, text.length - (offset ?? '').length));
  if (match === null) return undefined;
  const [, hour, minute, second, fraction = ''] = match;
  return {
    clock: [hour, minute, second].map(padded).join(':'),
    fraction: fraction.replace(/\.?0+$/, ''),
    zone: zoneText(offset ?? 'Z'),
  };
}

const padded = (digits = ''): string => digits.padStart(2, '0');

function zoneText(offset: string): string {
  const text = offset.replace(':', '');
  return text === 'Z' || text === '+0000' ? midnight.zone : `${text} ${text}`;
}
