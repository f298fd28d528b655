import type { Answer, History, Run, Sent } from './history.js';

/** How long an answer or an acknowledgement may take. */
export const PATIENCE_MS = 30_000;
/** Within this a finished handler is recorded, unless the server is out: a crash may come first. */
const RECORD_MS = 5_000;
/** Until clients have noticed that a server is back, and that connections are dead. */
const RECOVERY_MS = { inline: 8_000, queue: 15_000 } as const;
const MAX_RSS = 400 * 1024 * 1024;

export interface Violation {
  readonly kind: 'lost' | 'twice' | 'untrue' | 'stuck' | 'crashed' | 'memory';
  readonly text: string;
}

export interface Verdict {
  readonly violations: readonly Violation[];
  readonly acknowledged: number;
  readonly runs: number;
  /** Runs after an effect that the documents allow. */
  readonly repeated: number;
  /** Persisted events that the server forgot with all its data. */
  readonly forgotten: number;
  /** Bytes. */
  readonly rss: number;
}

/** Holds a history against what the README promises. */
export function check(history: History): Verdict {
  const { sent, runs, crashes, hung } = history;
  const byCall = groupRuns(runs);
  const repeats = [...byCall.values()].flatMap(runsOfCall => repeatsOf(runsOfCall, history));
  const losses = sent.flatMap(event => lossesOf(event, byCall.get(event.call) ?? [], history));
  const rss = Math.max(0, ...history.rss.values());
  const violations: Violation[] = [
    ...losses.filter(({ isForgotten }) => !isForgotten).map(({ text }) => found('lost', text)),
    ...repeats.filter(({ isExcused }) => !isExcused).map(({ text }) => found('twice', text)),
    ...sent.flatMap(event => untruthsOf(event, byCall.get(event.call) ?? [], history)),
    ...strangers(history),
    ...sent.flatMap(stuckOf),
    ...hung.map(text => found('stuck', text)),
    ...crashes.map(text => found('crashed', text)),
    ...(rss > MAX_RSS ? [found('memory', `a process held ${rss} bytes`)] : []),
  ];
  return {
    violations,
    acknowledged: sent.filter(({ isAcknowledged }) => isAcknowledged).length,
    runs: runs.length,
    repeated: repeats.filter(({ isExcused }) => isExcused).length,
    forgotten: losses.filter(({ isForgotten }) => isForgotten).length,
    rss,
  };
}

const found = (kind: Violation['kind'], text: string): Violation => ({ kind, text });

function groupRuns(runs: readonly Run[]): Map<string, Run[]> {
  const byCall = new Map<string, Run[]>();
  for (const run of runs) {
    const ofCall = byCall.get(run.call);
    if (ofCall) ofCall.push(run);
    else byCall.set(run.call, [run]);
  }
  return byCall;
}

const acknowledges = ({ status }: Answer): boolean => status === 200 || status === 202;

/** What was acknowledged and never done. */
function lossesOf(
  event: Sent,
  runs: readonly Run[],
  { faults }: History,
): { text: string; isForgotten: boolean }[] {
  const answers = event.answers.filter(acknowledges);
  const promised = new Map(answers.flatMap(each => each.handlers.map(id => [id, each] as const)));
  return [...promised]
    .filter(([id]) => !runs.some(run => run.handler === id && run.effect !== undefined))
    .map(([id, last]) => ({
      text: `${id} has not had its effect for ${event.call}, which was answered ${last.status} ${last.word}`,
      isForgotten: faults.some(
        fault =>
          fault.kind === 'amnesia' && answers[0]!.sentAt <= fault.to && last.at >= fault.since,
      ),
    }));
}

/** Runs that started although an earlier one of the same handler had not failed. */
function repeatsOf(runs: readonly Run[], history: History): { text: string; isExcused: boolean }[] {
  const repeats: { text: string; isExcused: boolean }[] = [];
  for (const [index, run] of runs.entries()) {
    const before = runs
      .slice(0, index)
      .filter(each => each.handler === run.handler && !(each.failed! <= run.start));
    if (before.length === 0) continue;
    const unexcused = before.find(each => !isExcused(each, run, history));
    const { handler, call, pid, start } = unexcused ?? run;
    // The documents count effects: a run that came to nothing is no repetition.
    if (!unexcused && before.every(({ effect }) => effect === undefined)) continue;
    repeats.push({
      text: `${handler} ran for ${call} in ${pid} at ${start} (effect ${unexcused?.effect}), and again in ${run.pid} at ${run.start}`,
      isExcused: !unexcused,
    });
  }
  return repeats;
}

/** Whether the documents allow that a handler runs although an earlier run of it had or may still have its effect. */
function isExcused(earlier: Run, run: Run, { faults, lease, mode }: History): boolean {
  const recordedBy = (earlier.effect ?? Infinity) + RECORD_MS;
  const until = Math.min(run.start, recordedBy);
  const isOut = (to: number): boolean =>
    faults.some(
      fault => fault.kind === 'outage' && overlaps(outageOf(fault, mode), earlier.start, to),
    );
  return faults.some(fault => {
    switch (fault.kind) {
      case 'exit': {
        if (fault.pid !== earlier.pid || fault.at > run.start) return false;
        // What was under way when the process ended, or not recorded yet.
        const isUnrecorded = fault.isCrash && fault.at <= recordedBy;
        return isUnrecorded || isOut(fault.at);
      }
      case 'amnesia':
        return recordedBy >= fault.since && earlier.start <= fault.to && run.start >= fault.from;
      // A process never starts what it is handling itself.
      case 'pause':
        return (
          fault.pid === earlier.pid &&
          run.pid !== earlier.pid &&
          isLong(fault, lease / 4) &&
          overlaps(fault, earlier.start, until)
        );
      case 'outage':
        return (
          run.pid !== earlier.pid &&
          isLong(fault, lease / 2) &&
          overlaps(outageOf(fault, mode), earlier.start, until)
        );
    }
  });
}

interface Span {
  readonly from: number;
  readonly to: number;
}

const outageOf = ({ from, to }: Span, mode: History['mode']): Span => ({
  from,
  to: to + RECOVERY_MS[mode],
});
const overlaps = ({ from, to }: Span, start: number, end: number): boolean =>
  from <= end && to >= start;
/** A lease is renewed at each third, and later in a process that stood still. */
const isLong = ({ from, to }: Span, least: number): boolean => to - from > least;

/** Answers that say what is not so. */
function untruthsOf(event: Sent, runs: readonly Run[], { mode }: History): Violation[] {
  return event.answers.flatMap(answer => {
    const lie = lieOf(answer, event, runs, mode);
    if (lie === undefined) return [];
    const { status, word, sentAt, at } = answer;
    return [
      found(
        'untrue',
        `${event.call}, sent at ${sentAt}, answered ${status} ${word} at ${at}: ${lie}`,
      ),
    ];
  });
}

function lieOf(
  answer: Answer,
  { answers }: Sent,
  runs: readonly Run[],
  mode: History['mode'],
): string | undefined {
  const { status, word, at, isForged } = answer;
  if (status === 0) return undefined;
  if (status === 503) {
    return ['store_unavailable', 'shutting_down'].includes(word)
      ? undefined
      : 'not a reason that there was';
  }
  if (isForged) return status === 401 ? undefined : 'the signature is forged';
  if (status < 300 && answer.id !== answer.sentId) return `it names the id ${answer.id}`;
  switch (`${status} ${word}`) {
    case '200 processed':
    case '200 duplicate': {
      if (mode === 'queue') return word === 'duplicate' ? undefined : 'the queue has taken it';
      const undone = answer.handlers.filter(
        id => !runs.some(run => run.handler === id && run.effect! <= at),
      );
      return undone.length > 0 ? `${undone.join()} had not had its effect` : undefined;
    }
    case '202 queued':
      return mode === 'queue' ? undefined : 'there is no queue';
    case '409 in_progress':
      // At least somebody has asked before.
      return answers.some(other => other !== answer && !other.isForged && other.sentAt <= at)
        ? undefined
        : 'nobody else has sent it';
    case '500 handler_failed':
      return runs.some(run => run.failed! <= at) ? undefined : 'no handler has failed';
    default:
      return 'no such answer was due';
  }
}

/** Effects for what nobody sent, or only a forger. */
function strangers({ sent, runs }: History): Violation[] {
  const genuine = new Set(
    sent.filter(({ answers }) => answers.some(({ isForged }) => !isForged)).map(({ call }) => call),
  );
  return runs
    .filter(({ call }) => !genuine.has(call))
    .map(({ handler, call }) =>
      found('untrue', `${handler} ran for ${call}, which is not genuine`),
    );
}

function stuckOf(event: Sent): Violation[] {
  const slow = event.answers.filter(({ sentAt, at }) => at - sentAt > PATIENCE_MS);
  const texts = slow.map(
    ({ status, at, sentAt }) => `was answered ${status} after ${at - sentAt} ms`,
  );
  if (!event.isAcknowledged) texts.push(`was never acknowledged: ${lastAnswers(event)}`);
  return texts.map(text => found('stuck', `${event.call} ${text}`));
}

const lastAnswers = ({ answers }: Sent): string =>
  answers
    .slice(-5)
    .map(({ status, word }) => `${status} ${word}`.trim())
    .join(', ');
