import { createHmac } from 'node:crypto';
import type { CapturedRequest } from './captured-request.js';
import { cause, type Cause, type Suspect } from './cause.js';
import type { LooseHead } from './loose-head.js';
import { suspectBodies } from './suspect-bodies.js';
import { suspectSecrets } from './suspect-secrets.js';

/** One guess of what was signed, with which key. */
interface Guess {
  readonly key: Buffer;
  /** What was hashed before the body. */
  readonly prefix: string;
  readonly body: Buffer;
}

/**
 * Looks for changes which, undone, make a signature match that does not: one first, then one of the body together
 * with one of the secret.
 *
 * @returns the causes; none where nothing matched
 */
export function prove(
  { body }: CapturedRequest,
  { timestamp = '', signed, digests }: LooseHead,
  secrets: readonly string[],
): readonly Cause[] {
  if (digests.length === 0) return [];
  const matches = ({ key, prefix, body: bytes }: Guess) => {
    const mac = createHmac('sha256', key).update(prefix).update(bytes).digest();
    return digests.some(digest => digest.equals(mac));
  };
  const keys = secrets.map(secret => Buffer.from(secret, 'utf8'));
  const prefix = `${timestamp}.`;
  for (const key of keys) {
    for (const stamp of suspectPrefixes(timestamp, signed)) {
      if (matches({ key, prefix: stamp.value, body })) return [stamp.cause];
    }
  }
  const otherKeys = secrets.flatMap(secret => [...suspectSecrets(secret)]);
  for (const { value: key, cause: why } of otherKeys) {
    if (matches({ key, prefix, body })) return [why];
  }
  for (const { value, cause: why } of suspectBodies(body)) {
    if (keys.some(key => matches({ key, prefix, body: value }))) return [why];
    const other = otherKeys.find(({ value: key }) => matches({ key, prefix, body: value }));
    if (other) return [why, other.cause];
  }
  return [];
}

function* suspectPrefixes(
  timestamp: string,
  signed: string | undefined,
): Generator<Suspect<string>> {
  if (signed !== undefined) {
    const why = 'It was signed with the t of X-Webhook-Signature; X-Webhook-Timestamp was changed.';
    const cure = 'Keep the four headers of a request together and unchanged.';
    yield { value: `${signed}.`, cause: cause('timestamp_differs', why, cure) };
  }
  const cure =
    'RevRag signs "<timestamp>.<body>". Your own test sender must do the same, as "revrag-webhook send" does.';
  const why = 'The body alone was signed, without the timestamp.';
  yield { value: '', cause: cause('timestamp_not_signed', why, cure) };
  const dotless = 'The timestamp and the body were signed without the dot between them.';
  yield { value: timestamp, cause: cause('timestamp_not_signed', dotless, cure) };
}
