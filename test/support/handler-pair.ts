import { Injectable } from '@nestjs/common';
import { OnCallEnded, type Delivery } from 'nestjs-revrag-webhook';

/** Two handlers; what each does can be set, and its calls are noted. */
export function handlerPair() {
  const calls: string[] = [];
  const act: Record<'one' | 'two', (delivery: Delivery) => unknown> = {
    one: () => undefined,
    two: () => undefined,
  };
  @Injectable()
  class Calls {
    @OnCallEnded()
    one(_call: unknown, delivery: Delivery) {
      calls.push('one');
      return act.one(delivery);
    }
    @OnCallEnded()
    two(_call: unknown, delivery: Delivery) {
      calls.push('two');
      return act.two(delivery);
    }
  }
  return { Calls, calls, act };
}
