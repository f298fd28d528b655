import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { CALL_ENDED_FIELDS, type Field, type FieldType } from '../core/events/call-ended.fields.js';

/** The payload of `call.ended`. The class gives the schema its name in the document. */
export class CallEnded {
  readonly [field: string]: unknown;
}

const text = { type: 'string' } as const;

const MESSAGE = {
  type: 'object',
  required: ['role', 'content'],
  properties: {
    role: { ...text, description: 'Who spoke.', example: 'assistant' },
    content: { ...text, description: 'What was said.' },
  },
};

const VARIABLE = {
  type: 'object',
  required: ['key'],
  properties: {
    key: { ...text, description: 'Name of the variable.', minLength: 1 },
    type: { ...text, description: 'Such as boolean.', nullable: true },
    value: { description: 'Of any JSON type.' },
  },
};

const TYPES: Readonly<Record<FieldType, ApiPropertyOptions>> = {
  name: { ...text, minLength: 1 },
  text,
  time: text,
  number: { type: 'number' },
  object: { type: 'object', additionalProperties: true },
  transcription: {
    type: 'object',
    properties: { messages: { type: 'array', items: MESSAGE } },
    additionalProperties: true,
  },
  variables: { type: 'array', items: VARIABLE },
};

for (const [name, field] of Object.entries(CALL_ENDED_FIELDS)) {
  ApiProperty(propertyOf(field))(CallEnded.prototype, name);
}

function propertyOf({ type, isRequired, description, example }: Field): ApiPropertyOptions {
  return {
    ...TYPES[type],
    description,
    ...(example !== undefined && { example }),
    ...(isRequired ? { required: true } : { required: false, nullable: true }),
  } as ApiPropertyOptions;
}
