import { randomUUID } from 'node:crypto';
import type { CallEndedDto } from '../core/events/dto/call-ended.dto.js';

/** A payload as it is sent, also with fields that the contract does not name. A handler can be called with it. */
export type CallEndedPayload<TFields extends object = Record<string, unknown>> =
  CallEndedDto<TFields> & { [unknownField: string]: unknown };

/** Fields that replace, or complement, those of the sample. */
export type CallEndedOverrides<TFields extends object = Record<string, unknown>> = Partial<
  Omit<CallEndedDto<TFields>, 'extra'>
> & { [unknownField: string]: unknown; extra?: never };

/**
 * The sample payload of the provider's page "In-app webhooks", about another call each time: `call_id` is a new UUID
 * unless you give one.
 *
 * It is sent as plain JSON. For a handler that is called with it, `extra` also has the fields that the contract does
 * not name; `extra` is not enumerable.
 *
 * @param overrides Fields that replace, or complement, those of the sample.
 */
export function callEnded<TFields extends object = Record<string, unknown>>(
  overrides: CallEndedOverrides<TFields> = {},
): CallEndedPayload<TFields> {
  const sample = {
    call_status: 'ENDED',
    call_id: randomUUID(),
    agent_id: '33333333-3333-3333-3333-333333333333',
    summary: 'User asked about their loan eligibility and was guided to the application.',
    start_time: '2026-05-27T03:05:00+00:00',
    end_time: '2026-05-27T03:06:12+00:00',
    duration: 72,
    disconnection_reason: 'user_hangup',
    recording_url: 'https://.../recording.mp3',
    transcription: {
      messages: [
        { role: 'assistant', content: 'Hi! How can I help you today?' },
        { role: 'user', content: 'What documents do I need for a loan?' },
      ],
    },
    custom_variables: [{ key: 'interested_in_loan', type: 'boolean', value: true }],
    variables_fields: { plan: 'gold' } as unknown as TFields,
    app_user_id: 'user_12345',
  };
  // The sample has each field that the contract names.
  const unknown = Object.entries(overrides).filter(([name]) => !(name in sample));
  return Object.defineProperty<object>({ ...sample, ...overrides }, 'extra', {
    value: Object.fromEntries(unknown),
  }) as CallEndedPayload<TFields>;
}
