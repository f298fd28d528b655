import { IsBoolean, IsNumber, IsOptional } from 'class-validator';

/** What the agent for loans finds out in a call. */
export class LoanVariables {
  @IsBoolean()
  interested_in_loan!: boolean;

  @IsOptional()
  @IsNumber()
  amount?: number;
}
