import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../support/deferred.js';
import { RawSocket } from '../../support/raw-socket.js';
import { corrupt } from './bytes.js';
import { makeMutant, type Mutant } from './mutant.js';
import { hmac } from './oracle.js';
import { Random } from './random.js';
import { check } from './referee.js';
import { HTTP_SHARE, RUNS, SEED, run, withSeed } from './run.js';
import { SECRETS, holdsSecret, startTarget, type Target } from './target.js';
import { toWire, type Wired } from './wire.js';

const PATH = '/webhooks/revrag';
const LANES = 4;
const PER_LANE = 4;
/** Below this the body is read to its end whatever is wrong with it, if its length is given. In bytes. */
const LARGE = 64 * 1024;

let target: Target;
/** The last requests that were broken on the wire, as they were before. */
let broken: readonly Buffer[] = [];
afterEach(() => target.app.close());

/** A connection that is opened anew when the last one is gone. */
class Lane {
  private socket: RawSocket | undefined;

  constructor(private readonly url: string) {}

  async open(): Promise<RawSocket> {
    if (!this.socket?.isOpen) this.socket = await RawSocket.open(this.url);
    return this.socket;
  }

  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }
}

const mutantOf = (index: number): Mutant =>
  makeMutant(index, { seed: SEED, secrets: SECRETS, now: target.terms.now / 1000, wire: true });

interface Sending {
  readonly outcomes: string[];
  /** The last one, broken on the wire; to be sent while nothing else is under way. */
  readonly sendBroken?: () => Promise<void>;
}

/** Pipelined on one connection: each must get its own answer, whatever became of those before it. */
async function sendTogether(lane: Lane, indexes: readonly number[]): Promise<Sending> {
  const all = indexes.map(index => {
    const mutant = mutantOf(index);
    const random = new Random(~SEED, index);
    return { index, mutant, random, wired: toWire(random, mutant, PATH, target.terms) };
  });
  const last = all.at(-1)!;
  const isBroken = last.random.chance(0.1);
  const whole = isBroken ? all.slice(0, -1) : all;
  const outcomes: string[] = [];
  let socket = await lane.open();
  let written = 0;
  for (const [position, { index, mutant, wired }] of whole.entries()) {
    try {
      if (position === written) {
        socket = await lane.open();
        const together = upToLarge(whole.slice(written).map(one => one.wired.bytes));
        written += together.length;
        await writePieces(socket, last.random, Buffer.concat(together));
      }
      const reply = await socket.reply();
      if (!reply) throw new Error('the connection was closed without an answer');
      check(mutant, wired.sent, wired.verdict, reply, target);
      if (reply.headers.connection === 'close') {
        if (isSmall(wired.bytes)) throw new Error('the connection ends for no reason');
        lane.close();
      }
      outcomes.push(
        `${mutant.kind} → ${reply.status} ${String(reply.body.code ?? reply.body.status)}`,
      );
    } catch (error) {
      throw withSeed(error, index);
    }
  }
  if (!isBroken) return { outcomes };
  const broken = async () =>
    sendBroken(await lane.open(), last.random, last.wired).catch((error: unknown) => {
      throw withSeed(error, last.index);
    });
  return { outcomes, sendBroken: broken };
}

const isSmall = (bytes: Buffer): boolean =>
  bytes.length < LARGE && !/^transfer-encoding:/im.test(bytes.toString('latin1'));

/** Nothing is sent behind a body that may be left unread, as it would be left with it. */
function upToLarge(requests: readonly Buffer[]): readonly Buffer[] {
  const large = requests.findIndex(bytes => !isSmall(bytes));
  return large === -1 ? requests : requests.slice(0, large + 1);
}

async function writePieces(socket: RawSocket, random: Random, bytes: Buffer): Promise<void> {
  for (const piece of pieces(random, bytes)) {
    socket.write(piece);
    if (random.chance(0.5)) await new Promise(resolve => setImmediate(resolve));
  }
}

/**
 * Accidents anywhere in the bytes of the request, head and framing included; then this side is
 * closed. Whatever comes of it: no 5xx, nothing leaks, and nothing is accepted that was not signed.
 */
async function sendBroken(socket: RawSocket, random: Random, { bytes }: Wired): Promise<void> {
  const end = bytes.indexOf('\r\n\r\n') + 4;
  const inHead = random.chance(0.7);
  const mangled = inHead
    ? Buffer.concat([corrupt(random, bytes.subarray(0, end)), bytes.subarray(end)])
    : Buffer.concat([bytes.subarray(0, end), corrupt(random, bytes.subarray(end))]);
  const isAimed = mangled.toString('latin1').startsWith(`POST ${PATH} `);
  socket.write(mangled);
  if (random.chance(0.2)) {
    socket.destroy();
  } else {
    socket.end();
    // What is left of a body may be read as further requests, so there may be several answers.
    for (let reply = await socket.reply(); reply; reply = await socket.reply()) {
      if (reply.status >= 500) throw new Error(`a 5xx: ${JSON.stringify(reply)}`);
      // With another path it is the app's own routes that answer, and their parser quotes.
      if (isAimed && holdsSecret(JSON.stringify(reply)))
        throw new Error('an answer holds payload text');
    }
  }
  await socket.closed;
  broken = [...broken.slice(-50), bytes];
  checkUnasked();
  if (target.watch.leaks.length > 0) throw new Error(`logged: ${target.watch.leaks.join('\n')}`);
}

/** What was accepted of broken requests, perhaps after their sender had gone, must have been signed. */
function checkUnasked(): void {
  for (const { delivery } of target.witness.takeAll()) {
    const timestamp = String(delivery.timestamp.getTime() / 1000);
    const macs = SECRETS.map(secret => hmac(secret, timestamp, delivery.rawBody));
    const isSigned = broken.some(bytes => macs.some(mac => bytes.includes(mac)));
    if (!isSigned) throw new Error('a wrong acceptance');
  }
}

function pieces(random: Random, bytes: Buffer): Buffer[] {
  const largest = Math.ceil(bytes.length / random.pick([1, 1, 2, 10]));
  const cut: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += cut.at(-1)!.length) {
    cut.push(bytes.subarray(at, at + random.int(1, largest)));
  }
  return cut;
}

describe('mutated deliveries over HTTP', () => {
  it('get what they deserve, however they are framed, and leave nothing behind', async () => {
    target = await startTarget();
    await target.app.listen(0, '127.0.0.1');
    const server = target.app.getHttpServer() as Server;
    const { port } = server.address() as AddressInfo;
    const lanes = Array.from({ length: LANES }, () => new Lane(`http://127.0.0.1:${port}`));
    const handles = process.getActiveResourcesInfo().length;
    const runs = Math.floor(RUNS * HTTP_SHARE);
    const { outcomes, growth } = await run('HTTP', runs, LANES * PER_LANE, async (from, to) => {
      const indexes = Array.from({ length: to - from }, (_, offset) => from + offset);
      const none: Sending = { outcomes: [] };
      const sendings = await Promise.all(
        lanes.map(async (lane, number) => {
          const own = indexes.slice(number * PER_LANE, (number + 1) * PER_LANE);
          return own.length > 0 ? sendTogether(lane, own) : none;
        }),
      );
      const all = sendings.flatMap(({ outcomes }) => outcomes);
      for (const { sendBroken } of sendings) {
        await sendBroken?.();
        if (sendBroken) all.push('broken on the wire');
      }
      return all;
    });
    for (const lane of lanes) lane.close();
    const connections = () =>
      new Promise<number>((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      });
    while ((await connections()) > 0) await new Promise(resolve => setImmediate(resolve));
    checkUnasked();
    expect(Object.keys(outcomes)).toEqual(
      expect.arrayContaining([
        'genuine → 200 processed',
        'mutated → 400 malformed_json',
        'unreadable → 400 invalid_payload',
        'forged → 401 malformed_header',
        'forged → 401 signature_mismatch',
        'broken on the wire',
      ]),
    );
    expect(target.idle()).toEqual({ inFlight: 0, timers: 0, unclaimed: 0 });
    expect(growth).toBeLessThan(8 * 1024 * 1024);
    // Sockets that are destroyed are given back a little later.
    await until(() => process.getActiveResourcesInfo().length <= handles, 'handles to be freed');
  }, 3_600_000);
});
