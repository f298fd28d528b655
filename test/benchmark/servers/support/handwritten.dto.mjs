import { Type } from 'class-transformer';
import {
  IsArray,
  IsISO8601,
  IsNotEmpty,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  ValidateNested,
} from 'class-validator';

function fields(type, decorators) {
  for (const [field, list] of Object.entries(decorators)) {
    for (const decorate of list) decorate(type.prototype, field);
  }
}

class MessageDto {}
fields(MessageDto, { role: [IsString(), IsNotEmpty()], content: [IsString()] });

class TranscriptionDto {}
fields(TranscriptionDto, {
  messages: [IsArray(), ValidateNested({ each: true }), Type(() => MessageDto)],
});

class VariableDto {}
fields(VariableDto, {
  key: [IsString(), IsNotEmpty()],
  type: [IsOptional(), IsString()],
  value: [IsOptional()],
});

/** The payload as a team would describe it, following class-validator's documentation. */
export class HandwrittenCallDto {}
fields(HandwrittenCallDto, {
  call_status: [IsString(), IsNotEmpty()],
  call_id: [IsString(), IsNotEmpty()],
  agent_id: [IsString(), IsNotEmpty()],
  summary: [IsOptional(), IsString()],
  start_time: [IsOptional(), IsISO8601()],
  end_time: [IsOptional(), IsISO8601()],
  duration: [IsOptional(), IsNumber()],
  disconnection_reason: [IsOptional(), IsString()],
  recording_url: [IsOptional(), IsString()],
  transcription: [IsOptional(), IsObject(), ValidateNested(), Type(() => TranscriptionDto)],
  custom_variables: [
    IsOptional(),
    IsArray(),
    ValidateNested({ each: true }),
    Type(() => VariableDto),
  ],
  variables_fields: [IsOptional(), IsObject()],
  app_user_id: [IsOptional(), IsString()],
});
