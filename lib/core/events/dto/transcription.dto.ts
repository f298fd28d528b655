import { Type } from 'class-transformer';
import { IsArray, IsNotEmpty, IsObject, IsString, ValidateNested } from 'class-validator';

/** One turn of the conversation. */
export class TranscriptMessageDto {
  /** Who spoke: `assistant` or `user` in the provider's sample; open, as others may come. */
  @IsString()
  @IsNotEmpty()
  role!: 'assistant' | 'user' | (string & {}) | null;

  /** What was said. Personal data: mind where it is logged. */
  @IsString()
  content!: string | null;
}

/** Turn-by-turn messages of a call. */
export class TranscriptionDto {
  /** In the order they were spoken. Empty where none were sent; what is no object is left out. */
  @IsArray()
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => TranscriptMessageDto)
  messages!: TranscriptMessageDto[];
}
