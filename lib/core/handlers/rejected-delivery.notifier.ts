import { Injectable, Logger } from '@nestjs/common';
import type { RevragPayloadError } from '../errors/revrag-payload.error.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';
import { HandlerDispatcher } from './handler.dispatcher.js';
import { HandlerExplorer, isRepeat, type DiscoveredListener } from './handler.explorer.js';

/** Calls the methods decorated `@OnRejectedDelivery()`. */
@Injectable()
export class RejectedDeliveryNotifier {
  private readonly logger = new Logger(RejectedDeliveryNotifier.name);

  constructor(
    private readonly explorer: HandlerExplorer,
    private readonly dispatcher: HandlerDispatcher,
  ) {}

  list(): readonly DiscoveredListener[] {
    return this.explorer
      .listeners()
      .filter((one, index, all) => all.findIndex(other => isRepeat(one, other)) === index);
  }

  /** Resolves when all have settled; never rejects. */
  async notify(delivery: VerifiedDelivery, error: RevragPayloadError): Promise<void> {
    const listeners = this.list().filter(({ options }) =>
      options.some(({ endpoint }) => endpoint === undefined || endpoint === delivery.endpoint),
    );
    await Promise.all(listeners.map(listener => this.call(listener, delivery, error)));
  }

  private async call(
    listener: DiscoveredListener,
    delivery: VerifiedDelivery,
    error: RevragPayloadError,
  ): Promise<void> {
    try {
      await this.dispatcher.invoke(listener, delivery, [delivery, error]);
    } catch (failure) {
      this.logger.error(
        `${listener.label} failed for a rejected delivery`,
        failure instanceof Error ? failure.stack : `It threw a value of type ${typeof failure}`,
      );
    }
  }
}
