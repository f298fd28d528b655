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
import { CustomVariableDto } from './custom-variable.dto.js';
import { TranscriptionDto } from './transcription.dto.js';

/**
 * The payload of `call.ended`: the complete result of a call.
 *
 * Fields and types are those of the provider's page "In-app webhooks" ("Payload parameters"). What
 * that page does not promise for every call may be absent or null. Fields it does not name, such as
 * `from_number` or `custom_metadata` of campaign calls, are kept as they came.
 *
 * @typeParam TFields What `variables_fields` holds for your agent.
 */
export class CallEndedDto<TFields extends object = Record<string, unknown>> {
  /** `ENDED` once the call has finished; open, as others may come. */
  @IsString()
  @IsNotEmpty()
  call_status!: 'ENDED' | (string & {});

  /** The call this is about. A UUID in the provider's sample; opaque here. */
  @IsString()
  @IsNotEmpty()
  call_id!: string;

  /** The agent that handled the call. A UUID in the provider's sample; opaque here. */
  @IsString()
  @IsNotEmpty()
  agent_id!: string;

  /** Summary written by a language model, when a transcript exists. */
  @IsOptional()
  @IsString()
  summary?: string | null;

  /** ISO 8601. */
  @IsOptional()
  @IsISO8601()
  start_time?: string | null;

  /** ISO 8601. */
  @IsOptional()
  @IsISO8601()
  end_time?: string | null;

  /** Seconds. */
  @IsOptional()
  @IsNumber()
  duration?: number | null;

  /** Normalised hang-up reason, such as `user_hangup`. */
  @IsOptional()
  @IsString()
  disconnection_reason?: string | null;

  /** Presigned, so it expires; there for transcribed calls. */
  @IsOptional()
  @IsString()
  recording_url?: string | null;

  /** What was said, turn by turn. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => TranscriptionDto)
  transcription?: TranscriptionDto | null;

  /** Variables that the agent extracted after the call. */
  @IsOptional()
  @IsArray()
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => CustomVariableDto)
  custom_variables?: CustomVariableDto[] | null;

  /** Variables associated with the call. */
  @IsOptional()
  @IsObject()
  variables_fields?: TFields | null;

  /** Your own id of the user, as given when the call's token was requested. */
  @IsOptional()
  @IsString()
  app_user_id?: string | null;

  /** Fields that the provider's page does not name. */
  [unknownField: string]: unknown;
}

/** The fields that the provider's page names. */
export const CALL_ENDED_FIELDS: ReadonlySet<string> = new Set([
  'call_status',
  'call_id',
  'agent_id',
  'summary',
  'start_time',
  'end_time',
  'duration',
  'disconnection_reason',
  'recording_url',
  'transcription',
  'custom_variables',
  'variables_fields',
  'app_user_id',
]);
