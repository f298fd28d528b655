import { isISO8601 } from 'class-validator';
import type { CallEndedDto } from './dto/call-ended.dto.js';
import { isObject } from './json-object.js';

/** What a field of `call.ended` holds. */
export type FieldType =
  'name' | 'text' | 'time' | 'number' | 'object' | 'transcription' | 'variables';

/** A field that the provider's page "In-app webhooks" names ("Payload parameters"). */
export interface Field {
  readonly type: FieldType;
  /** Whether the page promises it for every call. */
  readonly isRequired?: true;
  /** Read where the field itself is absent. */
  readonly alias?: string;
  readonly description: string;
  readonly example?: unknown;
}

/**
 * The one table of the payload's fields, for parsing, violations and the OpenAPI schema. The decorators of
 * `CallEndedDto` state the same for apps that validate themselves; a test compares the two.
 */
export const CALL_ENDED_FIELDS: Readonly<Record<Exclude<keyof CallEndedDto, 'extra'>, Field>> = {
  call_status: {
    type: 'name',
    isRequired: true,
    description: 'ENDED once the call has finished.',
    example: 'ENDED',
  },
  call_id: { type: 'name', isRequired: true, description: 'The call that this is about.' },
  agent_id: { type: 'name', isRequired: true, description: 'The agent that handled the call.' },
  summary: { type: 'text', description: 'Summary written by a language model.' },
  start_time: { type: 'time', description: 'ISO 8601.', example: '2026-03-02T09:15:00+00:00' },
  end_time: { type: 'time', description: 'ISO 8601.', example: '2026-03-02T09:16:24+00:00' },
  duration: { type: 'number', description: 'Seconds.', example: 84 },
  disconnection_reason: {
    type: 'text',
    description: 'Normalised hang-up reason.',
    example: 'user_hangup',
  },
  recording_url: { type: 'text', description: 'Presigned URL of the recording.' },
  transcription: { type: 'transcription', description: 'What was said, turn by turn.' },
  custom_variables: {
    type: 'variables',
    description: 'Variables that the agent extracted after the call.',
  },
  variables_fields: {
    type: 'object',
    alias: 'variable_fields',
    description: 'Variables associated with the call.',
  },
  app_user_id: {
    type: 'text',
    description: 'The id of the user, as given when the call was requested.',
  },
};

/** A type whose values are checked as a whole. */
interface FlatType {
  readonly matches: (value: unknown) => boolean;
  /** The violation's message for a value that does not match. */
  readonly message: string;
}

/** All types but lists, which are checked entry by entry. */
export const FLAT_TYPES: Readonly<
  Record<Exclude<FieldType, 'transcription' | 'variables'>, FlatType>
> = {
  name: {
    matches: value => typeof value === 'string' && value !== '',
    message: 'must be a non-empty string',
  },
  text: { matches: value => typeof value === 'string', message: 'must be a string' },
  time: { matches: value => isISO8601(value), message: 'must be a time in ISO 8601' },
  number: { matches: value => Number.isFinite(value), message: 'must be a number' },
  object: { matches: isObject, message: 'must be an object' },
};
