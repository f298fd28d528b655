import { Exclude, Type } from 'class-transformer';
import {
  Allow,
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
 * Fields are those of the provider's page "In-app webhooks" ("Payload parameters"). What that page does
 * not promise for every call may be absent or null. A field that was sent with another type is null, and
 * `delivery.violations` names it, so the types here always hold. Only `call_id` is always there: a payload
 * that does not say which call it is of is refused.
 *
 * @typeParam TFields What `variables_fields` holds for your agent.
 */
export class CallEndedDto<TFields extends object = Record<string, unknown>> {
  /** `ENDED` once the call has finished; open, as others may come. */
  @IsString()
  @IsNotEmpty()
  call_status!: 'ENDED' | (string & {}) | null;

  /** The call this is about. A UUID in the provider's sample; opaque here. */
  @IsString()
  @IsNotEmpty()
  call_id!: string;

  /**
   * The agent that handled the call. A UUID in the provider's sample; opaque here. The provider sends it
   * with every call; where it is null, handlers with `agentId` are not called.
   */
  @IsString()
  @IsNotEmpty()
  agent_id!: string | null;

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

  /**
   * Variables associated with the call. The API of campaign calls spells it `variable_fields`: that is read
   * where `variables_fields` is absent.
   */
  @IsOptional()
  @IsObject()
  variables_fields?: TFields | null;

  /** Your own id of the user, as given when the call's token was requested. */
  @IsOptional()
  @IsString()
  app_user_id?: string | null;

  /**
   * Fields that the provider's page does not name, such as `from_number` and `custom_metadata` of campaign
   * calls, as they came; empty where there are none. Their names and values are the sender's, so class-transformer
   * leaves them out.
   */
  @Allow()
  @Exclude()
  readonly extra: Readonly<Record<string, unknown>> = {};
}
