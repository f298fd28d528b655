import { Buffer } from 'node:buffer';
import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * One keep-alive connection that writes bytes made beforehand and reads just as much of an answer as it
 * takes to find its end: a load generator that does little itself.
 */
export class Connection {
  #socket;
  #port;
  #received = Buffer.alloc(0);
  #waiting;
  opened = 0;

  constructor(port) {
    this.#port = port;
  }

  /** @returns {Promise<number>} the status of the answer */
  send(parts) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (!this.#socket) this.#open();
      const socket = this.#socket;
      socket.cork();
      for (const part of parts) socket.write(part);
      socket.uncork();
    });
  }

  close() {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open() {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    this.opened += 1;
    this.#socket = socket;
    this.#received = Buffer.alloc(0);
    socket.on('data', chunk => this.#read(chunk));
    const gone = error => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      if (this.#waiting) this.#settle('reject', error ?? new Error('The connection was closed'));
    };
    socket.on('error', gone);
    socket.on('close', () => gone());
  }

  #read(chunk) {
    const bytes = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    this.#received = bytes;
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = bytes.latin1Slice(0, headEnd);
    const status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      return this.#settle('reject', new Error(`An answer ${status} without Content-Length`));
    }
    if (bytes.length < headEnd + HEAD_END.length + Number(length)) return;
    this.#received = Buffer.alloc(0);
    if (/\r\nconnection: close/i.test(head)) this.close();
    this.#settle('resolve', status);
  }

  #settle(how, value) {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.[how](value);
  }
}
