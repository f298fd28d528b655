import { closeSync, openSync, readSync } from 'node:fs';

/** Milliseconds of a clock that all processes of the machine share and nobody sets. */
export const now = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

/** What a process of the app writes into the log of effects. */
export type Note =
  | {
      readonly what: 'start' | 'effect' | 'failed';
      readonly run: string;
      readonly handler: string;
      readonly call: string;
      readonly pid: number;
      readonly at: number;
    }
  /** The process stood still, by a nemesis or a busy machine. */
  | { readonly what: 'stall'; readonly pid: number; readonly from: number; readonly to: number }
  | { readonly what: 'memory'; readonly pid: number; readonly rss: number };

/** One run of a handler for a call. */
export interface Run {
  readonly handler: string;
  readonly call: string;
  readonly pid: number;
  readonly start: number;
  /** When the handler had its effect. */
  effect?: number;
  /** When it threw. */
  failed?: number;
}

/** What became of one try to deliver. */
export interface Answer {
  /** 0 where the connection broke. */
  readonly status: number;
  /** The `status` or `code` of the body. */
  readonly word: string;
  /** As the answer repeats it. */
  readonly id: string;
  readonly sentId: string;
  readonly sentAt: number;
  readonly at: number;
  /** Those of the release that was asked. */
  readonly handlers: readonly string[];
  readonly isForged: boolean;
}

/** One event that the provider sends until it is acknowledged. */
export interface Sent {
  readonly call: string;
  readonly answers: Answer[];
  isAcknowledged: boolean;
}

/** What a nemesis did, as far as it excuses something. */
export type Fault =
  /** The process ended: `isCrash`, without a chance to record anything. */
  | { readonly kind: 'exit'; readonly pid: number; readonly at: number; readonly isCrash: boolean }
  | { readonly kind: 'pause'; readonly pid: number; readonly from: number; readonly to: number }
  /** The server did not answer. */
  | { readonly kind: 'outage'; readonly from: number; readonly to: number }
  /** The server forgot what it had been told from `since` on. */
  | {
      readonly kind: 'amnesia';
      readonly since: number;
      readonly from: number;
      readonly to: number;
    };

export interface History {
  /** Where handlers run: before the answer, or later in a worker. */
  readonly mode: 'inline' | 'queue';
  /** Milliseconds. */
  readonly lease: number;
  readonly sent: readonly Sent[];
  readonly runs: readonly Run[];
  readonly faults: readonly Fault[];
  /** Bytes: the largest resident set of each process. */
  readonly rss: ReadonlyMap<number, number>;
  /** How processes ended that nobody had ended, and what they said of leaks. */
  readonly crashes: readonly string[];
  /** What did not come to its end within 30 s, other than deliveries. */
  readonly hung: readonly string[];
}

/** The log of effects, read as it grows. */
export class EffectLog {
  readonly runs: Run[] = [];
  readonly stalls: Fault[] = [];
  readonly rss = new Map<number, number>();
  private readonly byId = new Map<string, Run>();
  private readonly done = new Set<string>();
  private offset = 0;
  private rest = '';

  constructor(private readonly file: string) {}

  /** Reads what was written since. */
  read(): void {
    const buffer = Buffer.alloc(1 << 20);
    const file = openSync(this.file, 'r');
    try {
      for (;;) {
        const length = readSync(file, buffer, 0, buffer.length, this.offset);
        if (length === 0) return;
        this.offset += length;
        const lines = (this.rest + buffer.toString('latin1', 0, length)).split('\n');
        this.rest = lines.pop()!;
        for (const line of lines) this.add(JSON.parse(line) as Note);
      }
    } finally {
      closeSync(file);
    }
  }

  /** Of how many calls and handlers there is an effect. */
  get effects(): number {
    return this.done.size;
  }

  private add(note: Note): void {
    if (note.what === 'memory') {
      this.rss.set(note.pid, Math.max(note.rss, this.rss.get(note.pid) ?? 0));
    } else if (note.what === 'stall') {
      this.stalls.push({ kind: 'pause', pid: note.pid, from: note.from, to: note.to });
    } else if (note.what === 'start') {
      const { handler, call, pid, at } = note;
      const run: Run = { handler, call, pid, start: at };
      this.runs.push(run);
      this.byId.set(note.run, run);
    } else {
      this.byId.get(note.run)![note.what] = note.at;
      if (note.what === 'effect') this.done.add(`${note.handler} ${note.call}`);
    }
  }
}
