import type { RedisClient } from './redis-script.js';

/** So many commands go out at once, for the server to work on while more are made. */
const MAX_HELD = 8;

/** What is used of a client's socket. */
interface Socket {
  cork(): void;
  uncork(): void;
}

/**
 * Writes what is sent to Redis in one turn of the event loop together: the client writes each command on
 * its own, and that system call is the most expensive part of it. In a cluster, where a client has several
 * sockets, nothing is held back.
 */
export class JointWrites {
  private held = 0;
  private socket: Socket | undefined;

  /** To be called before a command is sent. */
  hold(client: RedisClient): void {
    if (this.socket && this.held < MAX_HELD) {
      this.held += 1;
      return;
    }
    // Replaced when the client connects anew, and not there before it has connected.
    const socket = 'stream' in client ? (client.stream as Socket | undefined) : undefined;
    if (!socket) return;
    if (this.socket) this.socket.uncork();
    else setImmediate(() => this.release());
    socket.cork();
    this.socket = socket;
    this.held = 1;
  }

  private release(): void {
    this.socket?.uncork();
    this.socket = undefined;
  }
}
