import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** Statuses of the interim answers before it, such as 100. */
  readonly interim: readonly number[];
}

/** A connection whose bytes are written by hand, and whose answers are read in order. */
export class RawSocket {
  private received = Buffer.alloc(0);
  private isOver = false;
  private wake: () => void = () => undefined;
  /** Settles when the connection is gone, however it went. */
  readonly closed: Promise<void>;

  private constructor(private readonly socket: Socket) {
    const over = () => {
      this.isOver = true;
      this.wake();
    };
    socket.on('data', chunk => {
      this.received = Buffer.concat([this.received, chunk]);
      this.wake();
    });
    // Being cut off is one of the answers that a test may want.
    socket.on('error', () => undefined).on('end', over);
    this.closed = new Promise(resolve => {
      socket.on('close', () => {
        over();
        resolve();
      });
    });
  }

  static async open(url: string): Promise<RawSocket> {
    const { port, hostname } = new URL(url);
    const socket = connect({ port: Number(port), host: hostname, noDelay: true });
    await once(socket, 'connect');
    return new RawSocket(socket);
  }

  get isOpen(): boolean {
    return !this.isOver;
  }

  /** Text is written as latin1, a byte for each character. */
  write(bytes: string | Buffer): void {
    if (this.socket.writable) this.socket.write(bytes, 'latin1');
  }

  /** Closes this side, as a sender that has said all. */
  end(): void {
    this.socket.end();
  }

  /** Goes away. */
  destroy(): void {
    this.socket.destroy();
  }

  /** The next final answer; undefined where the connection ends without one. */
  async reply(): Promise<RawReply | undefined> {
    const interim: number[] = [];
    for (;;) {
      const head = await this.takeHead();
      if (!head) return undefined;
      if (head.status < 200) {
        interim.push(head.status);
        continue;
      }
      const text = await this.takeBody(head.headers);
      const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text };
      return { ...head, body, interim };
    }
  }

  private async takeHead() {
    await this.until(() => this.received.includes('\r\n\r\n'));
    const end = this.received.indexOf('\r\n\r\n');
    if (end === -1) return undefined;
    const [start, ...lines] = this.take(end + 4)
      .toString('latin1')
      .trimEnd()
      .split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(`${start} `)?.[1]);
    if (!status) throw new Error(`not the start of an answer: ${start}`);
    const headers = lines.map(line => /^([^:]+): ?(.*)$/.exec(line)!.slice(1) as [string, string]);
    return {
      status,
      headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    };
  }

  /** Without a length a body goes on to the end of the connection. */
  private async takeBody(headers: Readonly<Record<string, string>>): Promise<string> {
    if ('transfer-encoding' in headers) return this.takeChunks();
    const length = Number(headers['content-length'] ?? Infinity);
    await this.until(() => this.received.length >= length);
    return this.take(Math.min(length, this.received.length)).toString('utf8');
  }

  private async takeChunks(): Promise<string> {
    const chunks: Buffer[] = [];
    for (;;) {
      await this.until(() => this.received.includes('\r\n'));
      const line = this.take(this.received.indexOf('\r\n') + 2).toString('latin1');
      const size = parseInt(line, 16) || 0;
      await this.until(() => this.received.length >= size + 2);
      chunks.push(this.take(size + 2).subarray(0, size));
      if (size === 0) return Buffer.concat(chunks).toString('utf8');
    }
  }

  private take(length: number): Buffer {
    const taken = this.received.subarray(0, length);
    this.received = this.received.subarray(length);
    return taken;
  }

  private async until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.isOver) await new Promise<void>(resolve => (this.wake = resolve));
  }
}
