import { Delivery } from '../events/delivery.js';
import type { RevragEvent } from '../events/revrag-event.js';
import type { Handler, HandlerResult } from '../handlers/handler.js';
import type { HeldClaim } from './held-claim.js';
import type { Outcome } from './outcome.js';

type Results = readonly Promise<HandlerResult>[];

const NOTHING: Results = [];

/** The handlers of an event that run under its claim, and what became of them. A class, as decision 29 says. */
export class Run {
  /** In the order of the handlers. */
  private coming = NOTHING;
  /** In the order of the handlers; undefined for one that has not settled. */
  private readonly results: (HandlerResult | undefined)[];

  private readonly handlerIds: readonly string[];

  /** Answers the sender while handlers still run. */
  answer: (outcome: Outcome) => void = () => undefined;

  constructor(
    readonly event: RevragEvent,
    readonly handlers: readonly Handler[],
    readonly claim: HeldClaim,
  ) {
    this.handlerIds = handlers.map(({ id }) => id);
    this.results = handlers.map(() => undefined);
  }

  /**
   * Waits until all handlers have settled. Records in the claim each one that need not run again here.
   *
   * @param coming One result for each handler, in their order. Rejects if one of them does.
   */
  async settle(coming: Results): Promise<void> {
    this.coming = coming;
    await Promise.all(this.handlerIds.map((id, index) => this.note(id, index)));
  }

  private async note(handlerId: string, index: number): Promise<void> {
    const result = await this.coming[index];
    this.results[index] = result;
    if (result && result.status !== 'failed') this.claim.finish(handlerId);
  }

  /** Aborts the handlers' signal, and answers the sender while they still run. */
  answerEarly(reason: string, outcome: Outcome): void {
    this.abort(reason);
    this.answer(outcome);
  }

  abort(reason: string): void {
    Delivery.abort(this.event.delivery, new Error(reason));
  }

  /** The handlers that have not settled, by their ids, with promises that settle as they do. */
  get running(): ReadonlyMap<string, Promise<unknown>> {
    const pairs = this.handlerIds.map(
      (id, index) => [id, this.coming[index] as Promise<unknown>] as const,
    );
    return new Map(pairs.filter((_pair, index) => !this.results[index]));
  }

  /** The outcome if the handlers that have not finished count as failed. */
  get failed(): Outcome {
    const unfinished = this.handlerIds.filter(id => !this.claim.hasFinished(id));
    return { status: 'failed', id: this.id, handlerIds: this.handlerIds, unfinished };
  }

  /** The outcome when the handlers have settled. */
  get outcome(): Outcome {
    const { id, handlerIds } = this;
    const abandoned = this.idsOf('abandoned');
    if (this.idsOf('failed').length > 0) return this.failed;
    if (abandoned.length > 0) return { status: 'abandoned', id, handlerIds, abandoned };
    return { status: this.idsOf('queued').length > 0 ? 'queued' : 'processed', id, handlerIds };
  }

  private idsOf(status: HandlerResult['status']): readonly string[] {
    return this.handlerIds.filter((_id, index) => this.results[index]?.status === status);
  }

  private get id(): string {
    return this.event.delivery.id;
  }
}
