import pg from 'pg';
import type { FoundServer } from './find-servers.js';
import { initPostgres, startPostgresWith, type PostgresServer } from './start-postgres.js';

/** Test files share one server, and each has a database of its own there. */
export class SharedPostgres {
  private initialised: Promise<string> | undefined;
  private started: Promise<PostgresServer> | undefined;
  private databases = 0;

  constructor(private readonly find: () => Promise<FoundServer>) {}

  async database(): Promise<{ url: string }> {
    const { url } = await this.find();
    if (url) return { url };
    this.started ??= this.start();
    const server = await this.started;
    const name = `shared_${(this.databases += 1)}`;
    const admin = new pg.Client(server.url);
    await admin.connect();
    await admin.query(`CREATE DATABASE ${name}`).finally(() => admin.end());
    return { url: new URL(name, server.url).href };
  }

  /** `initdb` takes a second or two: it runs once, and each server of a test's own starts from a copy. */
  async template(): Promise<{ folder: string }> {
    const { launcher } = await this.find();
    if (!launcher) throw new Error('No PostgreSQL can be started here');
    this.initialised ??= initPostgres(launcher);
    return { folder: await this.initialised };
  }

  async dispose(): Promise<void> {
    await (await this.started?.catch(() => undefined))?.server.dispose();
  }

  private async start(): Promise<PostgresServer> {
    const { launcher } = await this.find();
    const { folder: template } = await this.template();
    return startPostgresWith(launcher!, { template, settings: { max_connections: '300' } });
  }
}
