// Compiled with everything else by `npm run typecheck`, not run: an error that does not come fails it too.
import { EMPTY, type Observable } from 'rxjs';
import {
  OnCallEnded,
  OnRejectedDelivery,
  OnRevragEvent,
  type CallEndedDto,
  type Delivery,
  type RevragPayloadError,
  type VerifiedDelivery,
} from 'nestjs-revrag-webhook';

interface LoanFields {
  loan_id: string;
  plan: 'gold' | 'silver';
}

export class Accepted {
  @OnCallEnded()
  withNothing(): void {}

  @OnCallEnded()
  withTheCall(call: CallEndedDto): string {
    return call.call_id;
  }

  @OnCallEnded({ agentId: 'agent_1' })
  async withTheDelivery(_call: CallEndedDto, delivery: Delivery): Promise<void> {
    await Promise.resolve(delivery.id);
  }

  @OnCallEnded({ agentId: ['agent_1', 'agent_2'], endpoint: 'loans', id: 'save' })
  withFieldsOfItsAgent(call: CallEndedDto<LoanFields>): string | undefined {
    return call.variables_fields?.loan_id;
  }

  @OnCallEnded()
  withPartOfTheCall({ call_id }: { call_id: string }): string {
    return call_id;
  }

  @OnCallEnded()
  @OnRevragEvent('call.started')
  @OnRevragEvent('*')
  withAnything(_payload: unknown, _delivery: Delivery): void {}

  @OnCallEnded()
  withMoreThatIsOptional(_call: CallEndedDto, _delivery: Delivery, _dryRun = false): void {}

  @OnCallEnded()
  protected withAnObservable(_call: CallEndedDto): Observable<unknown> {
    return EMPTY;
  }

  @OnRevragEvent('call.started')
  withATypeOfOnesOwn({ started_at }: { started_at: string }): string {
    return started_at;
  }

  @OnRejectedDelivery({ endpoint: 'loans' })
  async keep(delivery: VerifiedDelivery, error: RevragPayloadError): Promise<void> {
    await Promise.resolve([delivery.rawBody, error.violations]);
  }
}

// @ts-expect-error A handler is a method, not a class.
@OnCallEnded()
export class Refused {
  // @ts-expect-error … nor a property.
  @OnCallEnded()
  notAMethod = 1;

  // @ts-expect-error … nor an accessor of something else.
  @OnCallEnded()
  get notAFunction(): number {
    return 1;
  }

  // @ts-expect-error The order is payload, delivery.
  @OnCallEnded()
  swapped(_delivery: Delivery, _call: CallEndedDto): void {}

  // @ts-expect-error The payload is no text.
  @OnCallEnded()
  text(_call: string): void {}

  // @ts-expect-error A field of another type.
  @OnCallEnded()
  otherField(_call: { call_id: number }): void {}

  // @ts-expect-error There is no third argument.
  @OnCallEnded()
  three(_call: CallEndedDto, _delivery: Delivery, _user: string): void {}

  // @ts-expect-error The second argument is the delivery.
  @OnRevragEvent('*')
  user(_payload: unknown, _user: { name: string }): void {}

  // @ts-expect-error A type has to be given.
  @OnRevragEvent()
  noType(): void {}

  // @ts-expect-error A misspelt option.
  @OnCallEnded({ agentID: 'agent_1' })
  misspelt(): void {}

  // @ts-expect-error An agent's id is text.
  @OnCallEnded({ agentId: 42 })
  number(): void {}

  // @ts-expect-error What was rejected has no payload.
  @OnRejectedDelivery()
  rejected(_call: CallEndedDto): void {}

  // @ts-expect-error Nothing but the endpoint is known of it.
  @OnRejectedDelivery({ agentId: 'agent_1' })
  rejectedOfAgent(): void {}
}
