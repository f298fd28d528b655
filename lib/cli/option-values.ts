import { InvalidArgumentError } from 'commander';

/** A parser for a whole number within bounds. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };

/** A point in time, absolute or relative to the given one. */
export type TimeOption = (now: Date) => Date;

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Unix seconds, ISO 8601, or from now: `-10m`, `+30s`. */
export function time(text: string): TimeOption {
  const [, sign, amount, unit = 's'] = /^([+-])(\d{1,7})([smh])?$/.exec(text) ?? [];
  if (amount !== undefined) {
    const offset = Number(`${sign ?? ''}${amount}`) * (UNITS[unit] as number);
    return now => new Date(now.getTime() + offset);
  }
  const date = /^\d{1,11}$/.test(text) ? new Date(Number(text) * 1000) : new Date(text);
  if (Number.isNaN(date.getTime()) || date.getTime() < 0) {
    throw new InvalidArgumentError(
      'It must be Unix seconds (1780000000), ISO 8601 (2026-06-01T12:00:00Z) or from now (-10m, +30s).',
    );
  }
  return () => date;
}

/** Text that fits in a header. */
export function headerValue(text: string): string {
  if (/^[\u0021-\u007e]+$/.test(text)) return text;
  throw new InvalidArgumentError('It goes into a header: ASCII characters without spaces only.');
}
