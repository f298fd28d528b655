import { Injectable, Logger } from '@nestjs/common';
import type { RevragEvent } from '../events/revrag-event.js';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';
import { summarizeError } from '../errors/summarize-error.js';
import { HandlerExplorer, type DiscoveredMethod } from './handler.explorer.js';
import type { Handler } from './handler.js';
import { matches, matchesRejected } from './subscription.js';

/** A minifier's class name: it changes from build to build, and two classes may share it. */
const MINIFIED = /^[\w$]{0,2}$/;

/**
 * The handlers of one app: built at boot from what the explorer reports, and again only when a module that is
 * loaded later has some.
 */
@Injectable()
export class HandlerRegistry {
  private readonly logger = new Logger('RevragWebhookModule');
  private handlers: readonly Handler[] | undefined;
  private found: readonly DiscoveredMethod[] | undefined;

  constructor(private readonly explorer: HandlerExplorer) {}

  /**
   * @throws RevragConfigurationError if two handlers share an id, or one handler has two
   */
  list(): readonly Handler[] {
    const found = this.explorer.methods();
    if (this.handlers && this.found === found) return this.handlers;
    this.handlers = this.handlers ? this.extend(this.handlers, found) : this.build(found);
    this.found = found;
    return this.handlers;
  }

  /** The handlers that match the event. */
  match(event: RevragEvent): readonly Handler[] {
    return this.list().filter(({ subscriptions }) =>
      subscriptions.some(subscription => matches(subscription, event)),
    );
  }

  /** The methods that want rejected deliveries of the endpoint. */
  matchRejected(endpoint: string): readonly Handler[] {
    return this.list().filter(({ subscriptions }) =>
      subscriptions.some(subscription => matchesRejected(subscription, endpoint)),
    );
  }

  /** Adds the handlers of a module that was loaded later. If they are unusable, logs an error and keeps the others. */
  private extend(
    known: readonly Handler[],
    discovered: readonly DiscoveredMethod[],
  ): readonly Handler[] {
    try {
      const all = this.build(discovered);
      for (const { id } of all) {
        if (known.some(other => other.id === id)) continue;
        this.logger.log(`Handler ${id}, from a module that was loaded later`);
      }
      return all;
    } catch (error) {
      const reason = summarizeError(error);
      this.logger.error(`Handlers of a module that was loaded later are ignored: ${reason}`);
      return known;
    }
  }

  private build(discovered: readonly DiscoveredMethod[]): readonly Handler[] {
    const found = this.withoutRepeats(discovered);
    this.warnIfMinified(found);
    const handlers = found.map(one => ({
      id: idOf(one, found),
      methodName: one.methodName,
      subscriptions: one.subscriptions,
      source: one.source,
    }));
    const ids = new Set<string>();
    for (const { id } of handlers) {
      if (ids.has(id)) {
        throw new RevragConfigurationError(
          `Two handlers have the id "${id}". Progress is recorded under it, so give one of them ` +
            'another with the option `id` of its decorator, such as @OnCallEnded({ id: … }).',
        );
      }
      ids.add(id);
    }
    return Object.freeze(handlers);
  }

  private warnIfMinified(found: readonly DiscoveredMethod[]): void {
    const minified = found.filter(
      ({ className, subscriptions }) =>
        MINIFIED.test(className) && subscriptions.every(({ id }) => id === undefined),
    );
    if (minified.length === 0) return;
    const labels = minified.map(({ label }) => label).join(', ');
    this.logger.warn(
      `${labels}: the class name looks minified. Progress is recorded under a handler's id, so it must ` +
        "stay the same in each build: give it one, @OnCallEnded({ id: 'Calls.save' }), or have the build " +
        'keep names (esbuild: keepNames).',
    );
  }

  /** A class in the providers of two modules is one handler; otherwise each event would run it twice. */
  private withoutRepeats(found: readonly DiscoveredMethod[]): DiscoveredMethod[] {
    return found.filter((one, index) => {
      const first = found.findIndex(other => isRepeat(one, other));
      if (first === index) return true;
      this.logger.warn(
        `${one.className} is provided by several modules; ${one.label} is called ` +
          'once for an event, on the first of them. Provide it in one module and export it from there.',
      );
      return false;
    });
  }
}

/** Whether both are the same method of a provider that is listed twice. */
function isRepeat(one: DiscoveredMethod, other: DiscoveredMethod): boolean {
  if (one.methodName !== other.methodName) return false;
  if ('instance' in one.source && 'instance' in other.source) {
    if (one.source.instance === other.source.instance) return true;
  }
  return one.isClass && one.prototype === other.prototype && one.token === other.token;
}

function idOf(one: DiscoveredMethod, all: readonly DiscoveredMethod[]): string {
  const given = new Set(one.subscriptions.flatMap(({ id }) => (id === undefined ? [] : [id])));
  if (given.size > 1) {
    throw new RevragConfigurationError(
      `${one.label} has several ids: ${[...given].join(', ')}. A method is one handler, however many ` +
        'decorators it has. Give it one id.',
    );
  }
  const [id = one.label] = given;
  const hasTwin = all.some(
    other =>
      other !== one && other.prototype === one.prototype && other.methodName === one.methodName,
  );
  // Several objects of one class have different tokens, which make the ids unique.
  return hasTwin ? `${id}@${tokenName(one.token)}` : id;
}

const tokenName = (token: unknown): string =>
  typeof token === 'function' ? token.name : String(token);
