import type { ConnectionOptions } from 'bullmq';
import type { Cluster, Redis, RedisOptions } from 'ioredis';
import { definedOf } from './defined-of.js';
import type { Clock } from '../core/common/clock.js';
import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';
import type { ResolvedBullOptions } from './resolve-bull-options.js';

const CONNECT_TIMEOUT_MS = 5_000;
const MAX_RECONNECT_DELAY_MS = 2_000;
/** A command without an answer for this long means that the connection is dead. */
const SOCKET_TIMEOUT_MS = 10_000;
/** BullMQ does not block a read for longer, unless `drainDelay` is greater. */
const MAX_BLOCK_SECONDS = 10;
const MAX_BLOCK_GRACE_MS = 5_000;
const LEAVE_REPLICA_EVERY_MS = 1_000;

/** While Redis is unreachable, a command fails at once instead of waiting in memory with its payload. */
const FAIL_FAST = { enableOfflineQueue: false, maxRetriesPerRequest: 1 };
/** A worker's commands wait until Redis is back. */
const WAIT = { enableOfflineQueue: true, maxRetriesPerRequest: null, commandTimeout: undefined };

/**
 * Redis connections that notice a server that has fallen silent. The timeouts of a given client are the caller's,
 * so the queue opens its own connections with that client's options.
 */
export class RedisConnections {
  private readonly clusters: Cluster[] = [];
  private isClosing = false;

  constructor(
    private readonly options: ResolvedBullOptions,
    private readonly clock: Clock,
  ) {
    const { connection } = options;
    const given = optionsOf(connection);
    const clusterOptions = isCluster(connection) ? connection.options.keyPrefix : undefined;
    if (given?.keyPrefix || clusterOptions) {
      throw new RevragConfigurationError(
        'RevragBullModule: connection has a keyPrefix, which BullMQ does not support: its scripts would ' +
          'read keys without it. Remove keyPrefix and give the option prefix.',
      );
    }
  }

  /** For a `Queue`. */
  adding(): ConnectionOptions {
    return this.connect(FAIL_FAST, SOCKET_TIMEOUT_MS);
  }

  /** For a `Worker`, which reads with a blocking command that must not count as silence. */
  working(): ConnectionOptions {
    const { drainDelay = 0 } = this.options.worker;
    const longest = Math.max(drainDelay, MAX_BLOCK_SECONDS) * 1_000 + MAX_BLOCK_GRACE_MS;
    const { socketTimeout = 0 } = optionsOf(this.options.connection) ?? {};
    return this.connect({ ...WAIT, socketTimeout: Math.max(longest, socketTimeout) }, longest);
  }

  /** From here on, a lost connection stays lost, or it would keep the process alive. */
  stopReconnecting(): void {
    this.isClosing = true;
  }

  close(): void {
    for (const cluster of this.clusters) cluster.disconnect();
  }

  private connect(own: RedisOptions, socketTimeout: number): ConnectionOptions {
    const { connection } = this.options;
    const given = optionsOf(connection);
    // A client of another driver, which has options of its own.
    if (!given) return connection;
    const { connectTimeout = CONNECT_TIMEOUT_MS } = given;
    // Without the last one, ioredis waits forever for a Sentinel that has fallen silent.
    const defaults = { socketTimeout, connectTimeout, sentinelCommandTimeout: connectTimeout };
    const redisOptions = { ...defaults, ...definedOf(given), lazyConnect: false };
    if (isCluster(connection)) {
      const ofNodes = { ...redisOptions, socketTimeout: own.socketTimeout ?? socketTimeout };
      const cluster = connection.duplicate([], { redisOptions: ofNodes, lazyConnect: false });
      this.clusters.push(cluster);
      return cluster;
    }
    const retryStrategy = given.retryStrategy ?? reconnect;
    return {
      ...redisOptions,
      ...own,
      retryStrategy: times => (this.isClosing ? null : retryStrategy(times)),
      reconnectOnError: given.reconnectOnError ?? this.leaveReplica(),
    };
  }

  /** After a failover a connection may lead to a replica. Reconnects once for the errors of one connection. */
  private leaveReplica(): (error: Error) => boolean {
    let quietUntil = -Infinity;
    return ({ message }) => {
      const now = this.clock.monotonic();
      if (!message.includes('READONLY') || now < quietUntil) return false;
      quietUntil = now + LEAVE_REPLICA_EVERY_MS;
      return true;
    };
  }
}

const reconnect = (times: number): number => Math.min(100 * times, MAX_RECONNECT_DELAY_MS);

/** Those of ioredis, given as they are or by a client; undefined for a client of another driver. */
function optionsOf(connection: ConnectionOptions): RedisOptions | undefined {
  if (isCluster(connection)) return connection.options.redisOptions ?? {};
  if (isIoredis(connection)) return connection.options;
  return isClient(connection) ? undefined : (connection as RedisOptions);
}

/** BullMQ tells clients from options by the same methods. */
const isClient = (connection: ConnectionOptions): boolean =>
  ['connect', 'disconnect', 'duplicate'].every(
    name => typeof (connection as Record<string, unknown>)[name] === 'function',
  );

const isIoredis = (connection: unknown): connection is Redis =>
  isClient(connection as ConnectionOptions) &&
  typeof (connection as Partial<Redis>).defineCommand === 'function';

const isCluster = (connection: unknown): connection is Cluster =>
  isIoredis(connection) && (connection as { isCluster?: boolean }).isCluster === true;
