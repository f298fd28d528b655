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
 * The fields are those of the provider's page "In-app webhooks" ("Payload parameters"). A field that the page
 * does not promise for every call may be absent or null. A field of another type is null, and
 * `delivery.violations` names it, so these types always hold. Only `call_id` is always present: without it, a
 * payload is rejected.
 *
 * @typeParam TFields What `variables_fields` holds for your agent.
 */
export class CallEndedDto<TFields extends object = Record<string, unknown>> {
  /** `ENDED` once the call has finished. Open, as the provider may add others. */
  @IsString()
  @IsNotEmpty()
  call_status!: 'ENDED' | (string & {}) | null;

  /** Id of the call. A UUID in the provider's sample; opaque here. */
  @IsString()
  @IsNotEmpty()
  call_id!: string;

  /**
   * Id of the agent that handled the call. A UUID in the provider's sample; opaque here. The provider sends it
   * with every call. If it is null, handlers with `agentId` do not run.
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

  /** Presigned, so it expires; sent for transcribed calls. */
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
   * Variables associated with the call. The API of campaign calls spells the field `variable_fields`, which is
   * read if `variables_fields` is absent.
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
   * calls, unchanged; empty if there are none. class-transformer leaves them out, as it fails on some names that a
   * sender may choose.
   */
  @Allow()
  @Exclude()
  readonly extra: Readonly<Record<string, unknown>> = {};
}
