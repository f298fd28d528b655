import { findChromium } from '../browser/find-chromium.js';
import { findPgBouncer, findPostgres, findRedis, type FoundServer } from './find-servers.js';
import { SharedPostgres } from './shared-postgres.js';
import { SharedRedis } from './shared-redis.js';

/** What a test file may ask for, and the answer. */
export interface Answers {
  'find redis': FoundServer;
  'find postgres': FoundServer;
  'find pgbouncer': FoundServer;
  'find chromium': { readonly path?: string };
  /** A database of the caller's own, on a server that all test files share. */
  'share redis': { readonly url: string };
  'share postgres': { readonly url: string };
  /** A folder as `initdb` makes it, to be copied. */
  'template postgres': { readonly folder: string };
}

/** Where servers and a browser come from, found out when a test file first needs them. */
export class Supplies {
  private readonly found = new Map<string, Promise<unknown>>();
  private readonly skipped: string[] = [];
  private last: Promise<unknown> = Promise.resolve();
  private readonly redis = new SharedRedis(() => this.answer('find redis'));
  private readonly postgres = new SharedPostgres(() => this.answer('find postgres'));

  private readonly sources: { [Q in keyof Answers]: () => Promise<Answers[Q]> } = {
    'find redis': () => this.once('tests of Redis', 'redis-server or valkey-server', findRedis),
    'find postgres': () => this.once('tests of PostgreSQL', 'postgresql', findPostgres),
    'find pgbouncer': () => this.once('tests behind PgBouncer', 'pgbouncer', findPgBouncer),
    'find chromium': () =>
      this.once('tests of pages', 'chromium', async why => ({ path: await findChromium(why) })),
    'share redis': () => this.redis.database(),
    'share postgres': () => this.postgres.database(),
    'template postgres': () => this.postgres.template(),
  };

  answer<Q extends keyof Answers>(question: Q): Promise<Answers[Q]> {
    return this.sources[question]();
  }

  /** What was not found and is therefore not tested, in one line; undefined if nothing. */
  get summary(): string | undefined {
    if (this.skipped.length === 0) return undefined;
    return `Skipped here: ${this.skipped.join('; ')}.`;
  }

  async dispose(): Promise<void> {
    await Promise.all([this.redis.dispose(), this.postgres.dispose()]);
  }

  /** Finds each thing once, and one after the other, as packages can't be installed side by side. */
  private once<T extends object>(
    tests: string,
    cure: string,
    find: (why: string) => Promise<T>,
  ): Promise<T> {
    const known = this.found.get(tests);
    if (known) return known as Promise<T>;
    const finding = this.last.then(async () => {
      const result = await find(tests);
      if (Object.values(result).every(value => value === undefined)) this.miss(tests, cure);
      return result;
    });
    this.found.set(tests, finding);
    this.last = finding.catch(() => undefined);
    return finding;
  }

  private miss(tests: string, cure: string): void {
    const what = `${tests} (to run them, install ${cure})`;
    if (process.env.CI) throw new Error(`In CI nothing is skipped, but here ${what} can't run`);
    this.skipped.push(what);
  }
}
