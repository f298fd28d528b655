import type { CallEndedDto } from '../events/dto/call-ended.dto.js';

/** A payload as it is sent: plain JSON, and any fields that the contract does not name. */
export type CallEndedPayload<TFields extends object = Record<string, unknown>> =
  CallEndedDto<TFields>;

/**
 * A payload with all documented fields filled in, as of an in-app call.
 *
 * @param overrides Fields to put in place of, or beside, those of the sample.
 */
export function callEnded<TFields extends object = Record<string, unknown>>(
  overrides: Partial<CallEndedPayload<TFields>> = {},
): CallEndedPayload<TFields> {
  return {
    call_status: 'ENDED',
    call_id: '7b0f3c52-6a54-4d0e-9f0b-1f4b8a3e2c11',
    agent_id: 'agent_loans',
    summary: 'The caller asked which documents a home loan needs and was told.',
    start_time: '2026-03-02T09:15:00+00:00',
    end_time: '2026-03-02T09:16:24+00:00',
    duration: 84,
    disconnection_reason: 'user_hangup',
    recording_url: 'https://recordings.example/7b0f3c52.mp3',
    transcription: {
      messages: [
        { role: 'assistant', content: 'Good morning! What can I do for you?' },
        { role: 'user', content: 'Which papers do you need for a home loan?' },
      ],
    },
    custom_variables: [{ key: 'interested_in_loan', type: 'boolean', value: true }],
    variables_fields: { plan: 'gold' } as unknown as TFields,
    app_user_id: 'user_12345',
    ...overrides,
  };
}
