import { CallEndedDto } from 'nestjs-revrag-webhook';
import { sameJson } from './contract.js';
import type { Mutant } from './mutant.js';
import type { Verdict } from './oracle.js';
import { holdsSecret, type Target } from './target.js';

export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What was sent, as the receiver had it. */
export interface Sent {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, unknown>>;
}

const CODES: Readonly<Record<number, RegExp>> = {
  400: /^(malformed_json|invalid_payload)$/,
  401: /^(missing_header|malformed_header|timestamp_out_of_tolerance|signature_mismatch)$/,
  413: /^body_too_large$/,
  415: /^unsupported_encoding$/,
};

/**
 * Holds an answer, and what the handler saw, against the verdict.
 *
 * @throws with what is wrong
 */
export function check(mutant: Mutant, sent: Sent, verdict: Verdict, reply: Reply, target: Target) {
  const { status, body } = reply;
  const wrong = (what: string) =>
    new Error(
      `${what}\nverdict ${JSON.stringify(verdict)}\nanswer ${status} ${JSON.stringify(body)}`,
    );
  if (!isOfKind(mutant, verdict)) throw wrong(`the oracle takes a ${mutant.kind} one for another`);
  if (status >= 500) throw wrong('a 5xx');
  if (holdsSecret(JSON.stringify(body))) throw wrong('the answer holds payload text or a secret');
  if (target.watch.leaks.length > 0) throw wrong(`logged: ${target.watch.leaks.join('\n')}`);
  const wanted = verdict.status === 'unsure' ? [200, 400] : [verdict.status];
  if (!wanted.includes(status)) throw wrong('another status');
  if (mutant.kind === 'unreadable' && verdict.status === 'unsure' && status === 200) {
    throw wrong('a payload that breaks the contract was accepted');
  }
  const seen = target.witness.take(sent.body);
  if (status !== 200) {
    if (seen.length > 0) throw wrong('refused, but a handler was called');
    if (!CODES[status]?.test(String(body.code))) throw wrong('another code');
    if ('code' in verdict && body.code !== verdict.code) throw wrong('another code');
    return;
  }
  if (!('payload' in verdict)) throw wrong('a wrong acceptance');
  checkSeen(sent, verdict.payload, seen, wrong);
  if (body.status !== 'processed' || body.id !== idOf(sent)) throw wrong('another answer');
}

function checkSeen(
  sent: Sent,
  payload: unknown,
  seen: ReturnType<Target['witness']['take']>,
  wrong: (what: string) => Error,
): void {
  const [only] = seen;
  if (!only || seen.length > 1) throw wrong(`the handler was called ${seen.length} times`);
  if (!sameJson(flat(only.payload), payload)) throw wrong('the handler saw another payload');
  const { id, type, timestamp, endpoint } = only.delivery;
  const isSame =
    id === idOf(sent) &&
    type === first(sent.headers['x-webhook-event']) &&
    timestamp.getTime() === Number(first(sent.headers['x-webhook-timestamp'])) * 1000 &&
    endpoint === 'default';
  if (!isSame) throw wrong('the handler saw another delivery');
}

/** Unknown fields beside the others, as they were sent. */
function flat(payload: unknown): unknown {
  if (!(payload instanceof CallEndedDto)) return payload;
  const { extra, ...fields } = payload;
  return { ...fields, ...extra };
}

/** The mutator knows what it did, and the oracle what came of it: neither may be wrong alone. */
function isOfKind({ kind }: Mutant, { status }: Verdict): boolean {
  if (status === 413 || status === 415) return true;
  if (kind === 'forged') return status === 401;
  if (kind === 'genuine') return status === 200;
  return kind === 'unreadable' ? status === 400 || status === 'unsure' : status !== 401;
}

const first = (value: unknown): unknown => (Array.isArray(value) ? (value as unknown[])[0] : value);

export const idOf = ({ headers }: Sent): unknown => first(headers['x-webhook-id']);
