import type { ApiBodyOptions } from '@nestjs/swagger';

type Schema = NonNullable<Extract<ApiBodyOptions, { schema: unknown }>['schema']>;
type Field = Extract<Schema, { type?: unknown }>;

const text = (description: string, more: Partial<Field> = {}): Field => ({
  type: 'string',
  description,
  ...more,
});
const optional = (field: Field): Field => ({ ...field, nullable: true });

/** `CallEndedDto` as JSON Schema, by hand: the class does not carry Swagger's metadata. */
export const CALL_ENDED_SCHEMA: Field = {
  title: 'CallEnded',
  type: 'object',
  required: ['call_status', 'call_id', 'agent_id'],
  additionalProperties: true,
  properties: {
    call_status: text('ENDED once the call has finished.', { example: 'ENDED' }),
    call_id: text('The call that this is about.', { minLength: 1 }),
    agent_id: text('The agent that handled the call.', { minLength: 1 }),
    summary: optional(text('Summary written by a language model.')),
    start_time: optional(text('ISO 8601.', { example: '2026-03-02T09:15:00+00:00' })),
    end_time: optional(text('ISO 8601.', { example: '2026-03-02T09:16:24+00:00' })),
    duration: optional({ type: 'number', description: 'Seconds.', example: 84 }),
    disconnection_reason: optional(text('Normalised hang-up reason.', { example: 'user_hangup' })),
    recording_url: optional(text('Presigned URL of the recording.')),
    transcription: optional({
      type: 'object',
      description: 'What was said, turn by turn.',
      required: ['messages'],
      properties: {
        messages: {
          type: 'array',
          items: {
            type: 'object',
            required: ['role', 'content'],
            properties: {
              role: text('Who spoke.', { example: 'assistant' }),
              content: text('What was said.'),
            },
          },
        },
      },
    }),
    custom_variables: optional({
      type: 'array',
      description: 'Variables that the agent extracted after the call.',
      items: {
        type: 'object',
        required: ['key'],
        properties: {
          key: text('Name of the variable.', { minLength: 1 }),
          type: optional(text('Such as boolean.')),
          value: { description: 'Of any JSON type.' },
        },
      },
    }),
    variables_fields: optional({
      type: 'object',
      description: 'Variables associated with the call.',
      additionalProperties: true,
    }),
    app_user_id: optional(text('The id of the user, as given when the call was requested.')),
  },
};
