import { IsNotEmpty, IsOptional, IsString } from 'class-validator';

/** A variable that the agent extracted from the call after it ended. */
export class CustomVariableDto<TValue = unknown> {
  @IsString()
  @IsNotEmpty()
  key!: string;

  /** Such as `boolean`. */
  @IsOptional()
  @IsString()
  type?: string | null;

  /** The extracted value, of any JSON type. */
  value!: TValue;
}
