import type { Observable } from 'rxjs';
import { expectTypeOf } from 'vitest';
import {
  toAnswer,
  type CallEndedDto,
  type Delivery,
  type Outcome,
  type RevragEvent,
  type RevragSignatureError,
  type RevragWebhookError,
  type RevragWebhookService,
  type VerifiedDelivery,
} from 'nestjs-revrag-webhook';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';

interface LoanFields {
  loan_id: string;
}

// @ts-expect-error Fields are an object.
export type TextFields = CallEndedDto<string>;

declare function use(value: unknown): void;

export function payloads(call: CallEndedDto, loan: CallEndedDto<LoanFields>): void {
  expectTypeOf(call.call_id).toEqualTypeOf<string>();
  expectTypeOf(call.duration).toEqualTypeOf<number | null | undefined>();
  expectTypeOf(call.variables_fields?.plan).toEqualTypeOf<unknown>();
  expectTypeOf(call.agent_id).toEqualTypeOf<string | null>();
  expectTypeOf(call.extra.from_number).toEqualTypeOf<unknown>();
  expectTypeOf(call.extra).toEqualTypeOf<Readonly<Record<string, unknown>>>();
  expectTypeOf<Omit<CallEndedDto, 'summary'>['duration']>().toEqualTypeOf<
    number | null | undefined
  >();
  // @ts-expect-error A misspelt field.
  use(call.sumary);
  // @ts-expect-error A field that the contract does not name is in `extra`.
  use(call.from_number);
  // @ts-expect-error What the sender sent stays as it came.
  call.extra.from_number = '+91';
  expectTypeOf(call.transcription!.messages[0]!.content).toEqualTypeOf<string | null>();
  expectTypeOf(loan.variables_fields).toEqualTypeOf<LoanFields | null | undefined>();
  expectTypeOf(loan.variables_fields!.loan_id).toEqualTypeOf<string>();
  // @ts-expect-error Not a field of this agent.
  use(loan.variables_fields?.plan);
  // @ts-expect-error What is not promised may be absent.
  use(call.summary.length);
}

export function events(event: RevragEvent, typed: RevragEvent<CallEndedDto>): void {
  expectTypeOf(event.payload).toEqualTypeOf<unknown>();
  expectTypeOf(typed.payload.call_id).toEqualTypeOf<string>();
  expectTypeOf(typed.delivery).toEqualTypeOf<Delivery>();
  expectTypeOf(typed).toExtend<RevragEvent>();
  // @ts-expect-error An event's payload is not known before its type is.
  use(event.payload.call_id);
  // @ts-expect-error Events are read only.
  typed.type = 'call.started';
  // @ts-expect-error So are deliveries.
  typed.delivery.id = 'evt_2';
}

export async function service(webhook: RevragWebhookService): Promise<void> {
  expectTypeOf(webhook.events$).toEqualTypeOf<Observable<RevragEvent>>();
  expectTypeOf(await webhook.verify(Buffer.of(), {})).toEqualTypeOf<VerifiedDelivery>();
  const event = await webhook.constructEvent('{}', { 'X-Webhook-ID': ['evt_1'] });
  expectTypeOf(event).toEqualTypeOf<RevragEvent<CallEndedDto>>();
  const other = await webhook.constructEvent<{ id: number }>('{}', new Headers());
  expectTypeOf(other.payload.id).toEqualTypeOf<number>();
  const outcome = await webhook.receive(new Uint8Array(), {}, { receivedAt: new Date() });
  expectTypeOf(outcome).toEqualTypeOf<Outcome>();
  expectTypeOf(toAnswer(outcome).statusCode).toEqualTypeOf<number>();
  // @ts-expect-error Parsed JSON is not what was signed.
  await webhook.verify({ call_id: 'call_1' }, {});
}

export function errors(error: RevragSignatureError): void {
  expectTypeOf(error).toExtend<RevragWebhookError>();
  // @ts-expect-error No such code.
  use(error.code === 'mismatch');
}

export function testKit(): void {
  const { body, headers } = signDelivery({ secret: 'whsec_1', body: callEnded() });
  expectTypeOf(body).toEqualTypeOf<string>();
  expectTypeOf(signDelivery({ secret: 'whsec_1' }).body).toEqualTypeOf<string>();
  const bytes = signDelivery({ secret: 'whsec_1', body: Buffer.from('{}') });
  expectTypeOf(bytes.body).toEqualTypeOf<Buffer<ArrayBuffer>>();
  expectTypeOf(headers['x-webhook-id']).toEqualTypeOf<string>();
  const loan = callEnded({ variables_fields: { loan_id: 'loan_1' } });
  expectTypeOf(loan.variables_fields!.loan_id).toEqualTypeOf<string>();
  callEnded({ from_number: '+91' });
  // @ts-expect-error A field of another type.
  callEnded({ duration: '12' });
  // @ts-expect-error A secret is needed to sign.
  signDelivery({ body: callEnded() });
}
