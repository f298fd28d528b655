import { cause, type Cause } from './cause.js';

/** Seconds from a timestamp to a time; undefined where it is none. Milliseconds are understood. */
export function ageOf(timestamp: string | undefined, at: Date): number | undefined {
  if (timestamp === undefined || !/^\d{1,13}$/.test(timestamp)) return undefined;
  const seconds = timestamp.length > 11 ? Number(timestamp) / 1000 : Number(timestamp);
  return Math.round(at.getTime() / 1000 - seconds);
}

const UNITS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;

/** Seconds for a reader: the two largest units, such as `1 h 3 min`. */
export function duration(seconds: number): string {
  const parts: string[] = [];
  let rest = Math.round(seconds);
  for (const [size, unit] of UNITS) {
    const amount = Math.floor(rest / size);
    rest %= size;
    if (amount > 0) parts.push(`${amount} ${unit}`);
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}

/** Why a timestamp lies too far from the time of receipt. */
export const clockCause = (age: number): Cause =>
  age < 0
    ? cause(
        'clock',
        'The timestamp lies in the future.',
        "This server's clock, or the one of --at, is behind: check NTP and the time zone.",
        false,
      )
    : cause(
        'stale',
        'The delivery arrived too long after it was signed.',
        "Either this server's clock is ahead (check NTP), the request was delayed, or it was sent again. " +
          'For deliveries that wait in a queue, give receivedAt to verify().',
        false,
      );
