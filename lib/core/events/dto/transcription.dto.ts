import { Type } from 'class-transformer';
import { IsArray, IsNotEmpty, IsObject, IsString, ValidateNested } from 'class-validator';

/** One turn of the conversation. */
export class TranscriptMessageDto {
  /** Who spoke: `assistant` or `user` in the provider's sample. Open, as the provider may add others. */
  @IsString()
  @IsNotEmpty()
  role!: 'assistant' | 'user' | (string & {}) | null;

  /** What was said. Personal data: be careful where you log it. */
  @IsString()
  content!: string | null;
}

/** Turn-by-turn messages of a call. */
export class TranscriptionDto {
  /** In the order of speaking. Empty if none were sent. An entry that is no object is left out. */
  @IsArray()
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => TranscriptMessageDto)
  messages!: TranscriptMessageDto[];
}
