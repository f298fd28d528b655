import type { RedisClient } from './redis-script.js';

/** How many commands are written at once, so that the server can begin while more are made. */
const MAX_HELD = 8;

/** The part of a client's socket that is used. */
interface Socket {
  cork(): void;
  uncork(): void;
}

/**
 * Writes the commands of one turn of the event loop together. The client writes each command separately, and that
 * system call is its most expensive part (decision 22). In a cluster, where a client has several sockets, nothing is
 * held back.
 */
export class JointWrites {
  private held = 0;
  private socket: Socket | undefined;

  /** Call it before a command is sent. */
  hold(client: RedisClient): void {
    if (this.socket && this.held < MAX_HELD) {
      this.held += 1;
      return;
    }
    // The client replaces its socket when it reconnects, and has none before it has connected.
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
