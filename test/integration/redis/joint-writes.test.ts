import { Duplex } from 'node:stream';
import type { Cluster, Redis } from 'ioredis';
import { beforeEach, describe, expect, it } from 'vitest';
import { JointWrites } from '../../../lib/redis/joint-writes.js';

const MAX_HELD = 8;
const turn = () => new Promise<void>(resolve => setImmediate(resolve));

/** Notes how many commands each write brings. */
class Socket extends Duplex {
  readonly written: number[] = [];

  override _write(_chunk: unknown, _encoding: string, done: () => void) {
    this.written.push(1);
    done();
  }

  override _writev(chunks: unknown[], done: () => void) {
    this.written.push(chunks.length);
    done();
  }
}

describe('JointWrites', () => {
  let socket: Socket;
  let client: { stream: Socket | undefined };
  let writes: JointWrites;
  const send = (command: string) => {
    writes.hold(client as unknown as Redis);
    client.stream?.write(command);
  };

  beforeEach(() => {
    socket = new Socket();
    client = { stream: socket };
    writes = new JointWrites();
  });

  it('writes what is sent in one turn of the event loop together', async () => {
    send('a');
    await Promise.resolve();
    send('b');
    process.nextTick(() => send('c'));
    expect(socket.written).toEqual([]);
    await turn();
    expect(socket.written).toEqual([3]);
    send('d');
    await turn();
    expect(socket.written).toEqual([3, 1]);
  });

  it('lets the server begin before too much is held back', async () => {
    for (let sent = 0; sent < 2 * MAX_HELD + 1; sent += 1) send('a');
    expect(socket.written).toEqual([MAX_HELD, MAX_HELD]);
    await turn();
    expect(socket.written).toEqual([MAX_HELD, MAX_HELD, 1]);
  });

  it('leaves a socket alone that has taken the place of another', async () => {
    send('a');
    const next = new Socket();
    client.stream = next;
    send('b');
    expect(next.written).toEqual([1]);
    await turn();
    expect(socket.written).toEqual([1]);
    expect(socket.writableCorked).toBe(0);
    send('c');
    await turn();
    expect(next.written).toEqual([1, 1]);
    expect(next.writableCorked).toBe(0);
  });

  it('moves on to a new socket when the old one has enough', async () => {
    for (let sent = 0; sent < MAX_HELD; sent += 1) send('a');
    const next = new Socket();
    client.stream = next;
    send('b');
    expect(socket.written).toEqual([MAX_HELD]);
    expect(next.written).toEqual([]);
    await turn();
    expect(next.written).toEqual([1]);
  });

  it('holds back nothing for a client without a socket of its own', async () => {
    client.stream = undefined;
    send('a');
    writes.hold({} as Cluster);
    client.stream = socket;
    send('b');
    await turn();
    expect(socket.written).toEqual([1]);
  });
});
