import { Injectable, Logger } from '@nestjs/common';
import type { RevragPayloadError } from '../errors/revrag-payload.error.js';
import { stackOf } from '../errors/stack-of.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';
import { HandlerDispatcher } from './handler.dispatcher.js';
import { HandlerExplorer, isRepeat, type DiscoveredMethod } from './handler.explorer.js';

/** Calls the methods decorated `@OnRejectedDelivery()`. A label names each. */
@Injectable()
export class RejectedDeliveryNotifier {
  private readonly logger = new Logger('RevragWebhook');

  constructor(
    private readonly explorer: HandlerExplorer,
    private readonly dispatcher: HandlerDispatcher,
  ) {}

  list(): readonly DiscoveredMethod[] {
    return this.explorer
      .methods()
      .filter(({ rejections }) => rejections.length > 0)
      .filter((one, index, all) => all.findIndex(other => isRepeat(one, other)) === index);
  }

  /** The labels of the methods that want the delivery's endpoint. */
  match({ endpoint }: VerifiedDelivery): readonly string[] {
    return this.list()
      .filter(({ rejections }) =>
        rejections.some(wanted => wanted.endpoint === undefined || wanted.endpoint === endpoint),
      )
      .map(({ label }) => label);
  }

  /**
   * Calls the methods with these labels. Never rejects.
   *
   * @returns the labels of the methods that did not fail
   */
  async notify(
    labels: readonly string[],
    delivery: VerifiedDelivery,
    error: RevragPayloadError,
  ): Promise<readonly string[]> {
    const contexts = this.dispatcher.contextsOf(delivery);
    const called = this.list().filter(({ label }) => labels.includes(label));
    const results = await Promise.allSettled(
      called.map(method => this.dispatcher.invoke(method, contexts, [delivery, error])),
    );
    return called.flatMap(({ label }, index) => {
      const result = results[index] as PromiseSettledResult<void>;
      if (result.status === 'fulfilled') return [label];
      this.logger.error(`${label} failed for a rejected delivery`, stackOf(result.reason));
      return [];
    });
  }
}
