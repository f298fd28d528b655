import { toAnswer } from 'nestjs-revrag-webhook';
import { afterEach, describe, expect, it } from 'vitest';
import { makeMutant, type Mutant } from './mutant.js';
import { judge } from './oracle.js';
import { Random } from './random.js';
import { check, idOf, type Reply, type Sent } from './referee.js';
import { HTTP_SHARE, RUNS, SEED, run, withSeed } from './run.js';
import { SECRETS, startTarget, type Target } from './target.js';

let target: Target;
afterEach(() => target.app.close());

const isText = (value: unknown): value is string => typeof value === 'string';

/** The same headers in one of the forms that the service takes. */
function inForm(random: Random, head: Mutant['head']): Parameters<Target['service']['receive']>[1] {
  const entries = Object.entries(head);
  if (random.chance(0.2) && entries.every(([, value]) => isText(value))) {
    try {
      return new Headers(entries as [string, string][]);
    } catch {
      // Not for text that no header can hold.
    }
  }
  const odd = (name: string) =>
    name.replace(/[a-z]/g, c => (random.chance(0.5) ? c.toUpperCase() : c));
  const form = random.chance(0.2) ? entries.map(([name, value]) => [odd(name), value]) : entries;
  return Object.fromEntries(form) as Record<string, string>;
}

function asReceived(headers: ReturnType<typeof inForm>): Sent['headers'] {
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value as unknown]));
}

/** The same bytes in one of the forms that the service takes. */
function bodyInForm(random: Random, body: Buffer): Buffer | Uint8Array | string {
  const form = random.next();
  if (form < 0.8) return body;
  if (form < 0.9) return new Uint8Array(body);
  const text = body.toString('utf8');
  return Buffer.from(text, 'utf8').equals(body) ? text : body;
}

async function receive(...args: Parameters<Target['service']['receive']>): Promise<Reply> {
  const { statusCode, body } = toAnswer(await target.service.receive(...args));
  return { status: statusCode, body: body as Reply['body'] };
}

async function sendOne(index: number): Promise<string> {
  const { now } = target.terms;
  const mutant = makeMutant(index, { seed: SEED, secrets: SECRETS, now: now / 1000, wire: false });
  const random = new Random(~SEED, index);
  const headers = inForm(random, mutant.head);
  const sent: Sent = { body: mutant.body, headers: asReceived(headers) };
  const body = bodyInForm(random, mutant.body);
  const verdict = judge(sent.body, sent.headers, target.terms);
  const reply = await receive(body, headers);
  check(mutant, sent, verdict, reply, target);
  if (reply.status === 200 && random.chance(0.2)) await replay(random, sent, body);
  return `${mutant.kind} → ${reply.status} ${String(reply.body.code ?? reply.body.status)}`;
}

/** Once more, as a sender does, or under a fresh id, as who captured it may: nothing runs again. */
async function replay(random: Random, sent: Sent, body: Buffer | Uint8Array | string) {
  const id = random.chance(0.5) ? idOf(sent) : `fresh_${random.int(0, 1e9)}`;
  const again = await receive(body, { ...sent.headers, 'x-webhook-id': id } as Record<
    string,
    string
  >);
  const isDuplicate = again.body.status === 'duplicate' && again.body.id === id;
  if (!isDuplicate || target.witness.take(sent.body).length > 0) {
    throw new Error(`a replay was answered ${JSON.stringify(again)}`);
  }
}

describe('mutated deliveries', () => {
  it('get what they deserve from receive(), leave nothing behind and let nothing slip out', async () => {
    target = await startTarget();
    const handles = process.getActiveResourcesInfo().length;
    const runs = Math.ceil(RUNS * (1 - HTTP_SHARE));
    const { outcomes, growth } = await run('receive()', runs, 16, (from, to) =>
      Promise.all(
        Array.from({ length: to - from }, (_, offset) =>
          sendOne(from + offset).catch((error: unknown) => {
            throw withSeed(error, from + offset);
          }),
        ),
      ),
    );
    expect(Object.keys(outcomes)).toEqual(
      expect.arrayContaining([
        'genuine → 200 processed',
        'mutated → 200 processed',
        'mutated → 400 malformed_json',
        'unreadable → 400 invalid_payload',
        'unreadable → 400 malformed_json',
        'forged → 401 malformed_header',
        'forged → 401 missing_header',
        'forged → 401 signature_mismatch',
        'forged → 401 timestamp_out_of_tolerance',
      ]),
    );
    expect(target.idle()).toEqual({ inFlight: 0, timers: 0, unclaimed: 0 });
    expect(growth).toBeLessThan(8 * 1024 * 1024);
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(handles);
  }, 3_600_000);
});
