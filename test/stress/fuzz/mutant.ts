import { REWRITTEN, UNREADABLE, corrupt, corruptSurely } from './bytes.js';
import { forge, varyHead, type Head } from './heads.js';
import { hmac } from './oracle.js';
import { CANARY, anyJson, breakFields, validPayload } from './payloads.js';
import { Random } from './random.js';

/**
 * - `genuine`: keeps the contract, signed; must be accepted.
 * - `unreadable`: breaks the contract before it was signed; must get 400.
 * - `mutated`: bytes changed anyhow before they were signed; the oracle says what of it is left.
 * - `forged`: bytes or headers changed after they were signed; must get 401.
 */
export type Kind = 'genuine' | 'unreadable' | 'mutated' | 'forged';

export interface Mutant {
  readonly index: number;
  readonly kind: Kind;
  readonly body: Buffer;
  readonly head: Head;
}

export interface MutantTerms {
  readonly seed: number;
  readonly secrets: readonly string[];
  /** Unix seconds. */
  readonly now: number;
  /** Whether it must be possible to send the headers over HTTP. */
  readonly wire: boolean;
}

/** The same for the same seed and index, whatever came before. */
export function makeMutant(index: number, terms: MutantTerms): Mutant {
  const random = new Random(terms.seed, index);
  const kind = random.pick<Kind>(['genuine', 'unreadable', 'mutated', 'forged']);
  const isCall = kind === 'unreadable' || random.chance(0.85);
  const type = isCall ? 'call.ended' : random.pick(['call.started', 'Call.Ended', 'x', '*']);
  const body = makeBody(random, kind, index, isCall);
  const timestamp = String(terms.now + random.int(-300, 300));
  const signature = hmac(random.pick(terms.secrets), timestamp, body);
  const head: Head = {
    'content-type': 'application/json',
    'x-webhook-event': type,
    'x-webhook-id': `evt_${index}`,
    'x-webhook-signature': `t=${timestamp},v1=${signature}`,
    'x-webhook-timestamp': timestamp,
  };
  if (kind !== 'forged') {
    const varied = random.chance(0.5) ? varyHead(random, head, terms) : head;
    // Of another type it might be readable.
    const kept = kind === 'unreadable' ? { ...varied, 'x-webhook-event': type } : varied;
    return { index, kind, body, head: kept };
  }
  if (random.chance(0.3)) return { index, kind, body: corruptSurely(random, body), head };
  return { index, kind, body, head: forge(random, head, body, terms) };
}

function makeBody(random: Random, kind: Kind, index: number, isCall: boolean): Buffer {
  const payload = validPayload(random, index);
  if (kind === 'unreadable') {
    if (random.chance(0.5))
      return bytesOf(random.pick(UNREADABLE)(random, JSON.stringify(payload)));
    breakFields(random, payload);
    return bytesOf(JSON.stringify(payload));
  }
  const content = isCall || random.chance(0.5) ? payload : { [CANARY]: anyJson(random) };
  let body = bytesOf(random.pick(REWRITTEN)(random, JSON.stringify(content)));
  if (kind === 'mutated') {
    for (let left = random.int(1, 4); left > 0; left -= 1) body = corrupt(random, body);
  }
  return body.length === 0 || body.includes(`"call-${index}"`) ? body : withNonce(body, index);
}

const bytesOf = (body: string | Buffer): Buffer =>
  typeof body === 'string' ? Buffer.from(body) : body;

/** White space that tells this body from all others, lest it be the same delivery. */
const withNonce = (body: Buffer, index: number): Buffer =>
  Buffer.concat([
    body,
    Buffer.from(index.toString(2).replace(/./g, bit => (bit === '0' ? ' ' : '\t'))),
  ]);
