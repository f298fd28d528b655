import { Injectable, type Type } from '@nestjs/common';
import { OnRevragEvent, type Delivery, type HandlerOptions } from 'nestjs-revrag-webhook';

export interface Recording {
  readonly payload: unknown;
  readonly delivery: Delivery;
}

/** A provider class whose handler notes every event it gets. */
export function recorder(options: HandlerOptions = {}): { Calls: Type; received: Recording[] } {
  const received: Recording[] = [];
  @Injectable()
  class Calls {
    @OnRevragEvent('*', options)
    note(payload: unknown, delivery: Delivery) {
      received.push({ payload, delivery });
    }
  }
  return { Calls, received };
}
