import { Injectable, Logger } from '@nestjs/common';
import type { RevragEvent } from '../events/revrag-event.js';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';
import { HandlerExplorer, isRepeat, type DiscoveredHandler } from './handler.explorer.js';
import type { Handler } from './handler.js';
import { matches } from './subscription.js';

/** The handlers of one app: made once, from what the explorer reports, and fixed from then on. */
@Injectable()
export class HandlerRegistry {
  private readonly logger = new Logger(HandlerRegistry.name);
  private handlers: readonly Handler[] | undefined;

  constructor(private readonly explorer: HandlerExplorer) {}

  /**
   * @throws RevragConfigurationError for two handlers with one id, or one with two
   */
  list(): readonly Handler[] {
    return (this.handlers ??= Object.freeze(this.build()));
  }

  /** Those that get the event. */
  match(event: RevragEvent): readonly Handler[] {
    const wanting: Handler[] = [];
    for (const handler of this.list()) {
      if (wants(handler, event)) wanting.push(handler);
    }
    return wanting;
  }

  private build(): Handler[] {
    const found = this.withoutRepeats(this.explorer.handlers());
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
            'another: @OnCallEnded({ id: … }).',
        );
      }
      ids.add(id);
    }
    return handlers;
  }

  /** A class listed in the providers of two modules is one handler, or each event would run it twice. */
  private withoutRepeats(found: readonly DiscoveredHandler[]): DiscoveredHandler[] {
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

/** Loops, here and above: `filter` and `some` take several times as long, which each delivery feels. */
function wants({ subscriptions }: Handler, event: RevragEvent): boolean {
  for (const subscription of subscriptions) {
    if (matches(subscription, event)) return true;
  }
  return false;
}

function idOf(one: DiscoveredHandler, all: readonly DiscoveredHandler[]): string {
  const given = new Set(one.subscriptions.flatMap(({ id }) => (id === undefined ? [] : [id])));
  if (given.size > 1) {
    throw new RevragConfigurationError(
      `${one.label} is given several ids: ${[...given].join(', ')}. A method is ` +
        'one handler, however many decorators it has; give it one id.',
    );
  }
  const [id = one.label] = given;
  const hasTwin = all.some(
    other =>
      other !== one && other.prototype === one.prototype && other.methodName === one.methodName,
  );
  // Several objects of one class, under tokens of their own: the token tells them apart.
  return hasTwin ? `${id}@${tokenName(one.token)}` : id;
}

const tokenName = (token: unknown): string =>
  typeof token === 'function' ? token.name : String(token);
