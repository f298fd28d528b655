import type { Cluster, Redis } from 'ioredis';

/**
 * Holds back what is sent to Redis until the event loop has looked at all that has come in, and sends it
 * in one write. The client writes each command on its own, and that system call is the most expensive part
 * of it. In a cluster, where a client has several sockets, nothing is held back.
 */
export class JointWrites {
  private isHolding = false;

  /** To be called before a command is sent. */
  hold(client: Redis | Cluster): void {
    if (this.isHolding || !('stream' in client)) return;
    // Replaced when the client connects anew, and not there before it has connected.
    const stream = client.stream as Redis['stream'] | undefined;
    if (!stream) return;
    this.isHolding = true;
    stream.cork();
    setImmediate(() => {
      this.isHolding = false;
      stream.uncork();
    });
  }
}
