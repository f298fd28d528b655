import { isAsExpected, verdictOf, type Attempt, type Verdict } from './attempt.js';

export interface Summary {
  readonly sent: number;
  readonly accepted: number;
  readonly refused: number;
  readonly unanswered: number;
  /** How often each answer came, such as `{ "200 processed": 98, "ECONNRESET": 2 }`. */
  readonly answers: Readonly<Record<string, number>>;
  /** Seconds from first to last. */
  readonly seconds: number;
  readonly perSecond: number;
  /** Times of those answered, in milliseconds. */
  readonly ms?: {
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
    readonly max: number;
  };
}

/** Counts attempts as they end. */
export class Tally {
  private readonly counts: Record<Verdict, number> = { accepted: 0, refused: 0, unanswered: 0 };
  private readonly answers = new Map<string, number>();
  private readonly times: number[] = [];
  private readonly startedAt = performance.now();

  /** How many came out as they should. */
  expected = 0;

  /** @param tampered whether they have to be refused */
  constructor(private readonly tampered: boolean) {}

  get sent(): number {
    return this.counts.accepted + this.counts.refused + this.counts.unanswered;
  }

  count(verdict: Verdict): number {
    return this.counts[verdict];
  }

  add(attempt: Attempt): void {
    this.counts[verdictOf(attempt)] += 1;
    if (attempt.status !== undefined) this.times.push(attempt.ms);
    if (isAsExpected(attempt, this.tampered)) this.expected += 1;
    const key = labelOf(attempt);
    this.answers.set(key, (this.answers.get(key) ?? 0) + 1);
  }

  summary(): Summary {
    const seconds = (performance.now() - this.startedAt) / 1000;
    const sorted = Float64Array.from(this.times).sort();
    const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
    return {
      sent: this.sent,
      ...this.counts,
      answers: Object.fromEntries(this.answers),
      seconds: round(seconds),
      perSecond: round(this.sent / Math.max(seconds, 0.001)),
      ...(sorted.length > 0 && { ms: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) } }),
    };
  }
}

export const labelOf = ({ status, answer, error }: Attempt): string =>
  [status ?? error, answer].filter(each => each !== undefined).join(' ');

const round = (value: number): number => Math.round(value * 100) / 100;
