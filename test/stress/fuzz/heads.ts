import { createHash, createHmac } from 'node:crypto';
import { hmac } from './oracle.js';
import type { Random } from './random.js';

/** Headers by lower-case name. In a list each value is sent in a line of its own. */
export type Head = Readonly<Record<string, unknown>>;

interface HeadTerms {
  readonly secrets: readonly string[];
  readonly now: number;
  readonly wire: boolean;
}

const SIGNED = ['x-webhook-signature', 'x-webhook-timestamp'] as const;
const REQUIRED = [...SIGNED, 'x-webhook-id', 'x-webhook-event'] as const;

/** What a sender may do to the head of a genuine delivery: nothing here is signed, or it means the same. */
export function varyHead(random: Random, head: Head, { wire }: HeadTerms): Head {
  const [t, v1] = (head['x-webhook-signature'] as string).split(',') as [string, string];
  const other = `v1=${random.bytes(32).toString('hex')}`;
  const id = head['x-webhook-id'] as string;
  const variations: readonly (() => Head)[] = [
    () => ({ 'x-webhook-signature': `${v1},${t}` }),
    () => ({ 'x-webhook-signature': `${t},${other},${v1}` }),
    () => ({ 'x-webhook-signature': `${t},${v1},${other},v0=abc,v2=` }),
    () => ({ 'x-webhook-signature': `${t}, ${v1}` }),
    () => ({ 'x-webhook-signature': ` ${t.replace('=', ' = ')} ,\t${v1} ` }),
    () => ({ 'x-webhook-signature': `${t},${v1}${`,${other}`.repeat(27)}` }),
    () => ({ 'x-webhook-id': `${id}_${'i'.repeat(random.pick([1, 500, 3000]))}` }),
    () => ({ 'x-webhook-id': `${id} \xe9\xff' "{}<>;,=%0d%0a\t%s` }),
    () => ({ 'x-webhook-event': 'call.ended.v2' }),
    () => ({
      'content-type': random.pick(['text/plain', 'application/x-www-form-urlencoded', ';']),
    }),
    () => ({ 'x-webhook-attempt': '3', 'x-forwarded-for': '10.0.0.1', traceparent: '00-0-0-00' }),
    () => ({ 'content-encoding': random.pick(['identity', 'Identity']) }),
  ];
  const inProcess: readonly (() => Head)[] = [
    () => ({ 'x-webhook-id': [id] }),
    () => ({ 'x-webhook-id': `${id}\r\n[Nest] ERROR\u001b[31m\u0000\u2028💳` }),
    () => ({ 'x-webhook-signature': [head['x-webhook-signature']] }),
  ];
  return { ...head, ...random.pick(wire ? variations : [...variations, ...inProcess])() };
}

/** What a stranger may try who has seen a genuine delivery, or a broken sender may do. */
export function forge(random: Random, head: Head, body: Buffer, terms: HeadTerms): Head {
  const ways = [forgeSignature, forgeTimestamp, breakHeader];
  return { ...head, ...random.pick(ways)(random, head, body, terms) };
}

function forgeSignature(random: Random, head: Head, body: Buffer, { secrets }: HeadTerms): Head {
  const t = head['x-webhook-timestamp'] as string;
  const genuine = head['x-webhook-signature'] as string;
  const mac = genuine.slice(-64);
  const secret = secrets[0]!;
  const at = random.int(1, 63);
  const flipped = mac.slice(0, at) + (mac[at] === '0' ? '1' : '0') + mac.slice(at + 1);
  const over = (text: string | Buffer) => createHmac('sha256', secret).update(text).digest('hex');
  const stranger = (name: string) => `t=${t},v1=${hmac(name, t, body)}`;
  return {
    'x-webhook-signature': random.pick([
      () => `t=${t},v1=${flipped}`,
      () => `t=${t},v1=${random.bytes(32).toString('hex')}`,
      () => stranger('another secret'),
      () => stranger(''),
      () => stranger(` ${secret}`),
      () => stranger(`${secret}\n`),
      () => `t=${t},v1=${over(body)}`,
      () => `t=${t},v1=${over(Buffer.concat([Buffer.from(`${t}.\n`), body]))}`,
      () => `t=${t},v1=${over(Buffer.concat([Buffer.from(t), body]))}`,
      () => `t=${t},v1=${createHash('sha256').update(body).digest('hex')}`,
      () => `t=${t},v1=${mac.slice(0, at)}`,
      () => `t=${t},v1=${mac}${random.pick(['zz', '00', ';', ' x', '\t0'])}`,
      () => `t=${t},v1=${mac.slice(0, at)} ${mac.slice(at)}`,
      () => `t=${t},v1=${mac.replace(/[a-f]/, letter => letter.toUpperCase())}-`,
      () => `t=${t},v1=0x${mac.slice(2)}`,
      () => `t=${t},v1=${Buffer.from(mac, 'hex').toString('base64')}`,
      () => `t=${t},v1=`,
      () => `t=${t},v0=${mac}`,
      () => `t=${t},V1=${mac}`,
      () => `t=${t}`,
      () => `v1=${mac}`,
      () => mac,
      () => `sha256=${mac}`,
      () => `t=${t},t=${t},v1=${mac}`,
      () => `t=${t};v1=${mac}`,
      () => `t=${t},v1=${mac},`,
      () => `,${genuine}`,
      () => `t=${t},v1=${mac},v1=short`,
      () => `t=${t},v1=${flipped}${`,v1=${flipped}`.repeat(26)}`,
      () => `${genuine}${`,v1=${flipped}`.repeat(random.pick([29, 40, 60]))}`,
      () => 'undefined',
      () => 'null',
      () => '[object Object]',
      () => '='.repeat(random.pick([1, 100, 2000])),
      () => ','.repeat(random.pick([1, 100, 2000])),
    ])(),
  };
}

/** Signed with the right secret, but for another time; or a time that is none. */
function forgeTimestamp(random: Random, head: Head, body: Buffer, terms: HeadTerms): Head {
  const t = head['x-webhook-timestamp'] as string;
  const { now, secrets } = terms;
  const sent = (timestamp: string, signed = timestamp): Head => ({
    'x-webhook-timestamp': timestamp,
    'x-webhook-signature': `t=${timestamp},v1=${hmac(secrets[0]!, signed, body)}`,
  });
  const away = random.pick([301, 400, 3600, 86_400 * 365, 86_400 * 365 * 50]);
  const late = String(now + away * random.pick([1, -1]));
  const other = String(Number(t) + random.pick([-1, 1]));
  if (random.chance(0.3)) return sent(late);
  return random.pick<() => Head>([
    () => sent(String(now * 1000)),
    () => sent(`${t}.0`),
    () => sent(`+${t}`),
    () => sent(`-${t}`),
    () => sent(`0x${Number(t).toString(16)}`),
    () => sent(`${t}e0`),
    () => sent(`${t}x`),
    () => sent('NaN'),
    () => sent('Infinity'),
    () => sent(`00${t}`.padStart(random.int(12, 400), '0')),
    () => sent(random.pick(terms.wire ? ['\xb9', '\xb2'] : ['٠', '１', '\xb9']).repeat(10), t),
    () => sent(new Date(now * 1000).toISOString()),
    () => sent(other, t),
    () => ({ ...sent(t), 'x-webhook-timestamp': other }),
    () => ({ ...sent(late), 'x-webhook-timestamp': t }),
    () => ({ ...sent(t), 'x-webhook-timestamp': `${t},${t}` }),
  ])();
}

/** A header that has to be there is not, or not as text. */
function breakHeader(random: Random, head: Head, _body: Buffer, { wire }: HeadTerms): Head {
  const name = random.pick(REQUIRED);
  const value = head[name];
  const signed = random.pick(SIGNED);
  const wired: readonly Head[] = [
    { [name]: undefined },
    { [name]: '' },
    { [signed]: [head[signed], head[signed]] },
    { [signed]: [head[signed], 'x'] },
  ];
  const inProcess: readonly Head[] = [
    { [name]: [] },
    { [name]: [value, value] },
    { [name]: [''] },
    { [name]: [[value]] },
    { [name]: null },
    { [name]: Number(value) },
    { [name]: { toString: () => value } },
    { [name]: Symbol('x') },
    { [name]: () => value },
    { [name]: true },
    { [signed]: `${String(head[signed])}\n` + 'x' },
  ];
  return random.pick(wire ? wired : [...wired, ...inProcess]);
}
