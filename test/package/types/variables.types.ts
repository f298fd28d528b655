// Compiled with everything else by `npm run typecheck`, not run: an error that does not come fails it too.
import { type } from 'arktype';
import { IsBoolean, IsNumber, IsOptional } from 'class-validator';
import * as v from 'valibot';
import { expectTypeOf } from 'vitest';
import { z } from 'zod';
import {
  OnCallEnded,
  OnRevragEvent,
  variablesOf,
  type CallEndedDto,
  type Delivery,
  type InferVariables,
} from 'nestjs-revrag-webhook';

class LoanVariables {
  @IsBoolean()
  interested_in_loan!: boolean;
  @IsOptional()
  @IsNumber()
  amount?: number;
}
const zodLoan = z.object({ interested: z.boolean(), amount: z.string().transform(Number) });
const valibotLoan = v.object({ interested: v.boolean(), amount: v.optional(v.number()) });
const arkLoan = type({ interested: 'boolean', 'amount?': 'number' });

interface Loan {
  interested: boolean;
  amount: number;
}

expectTypeOf<InferVariables<typeof LoanVariables>>().toEqualTypeOf<LoanVariables>();
expectTypeOf<InferVariables<typeof zodLoan>>().toEqualTypeOf<Loan>();
expectTypeOf<InferVariables<typeof valibotLoan>>().toEqualTypeOf<{
  interested: boolean;
  amount?: number | undefined;
}>();
expectTypeOf<InferVariables<typeof arkLoan>>().toEqualTypeOf<{
  interested: boolean;
  amount?: number;
}>();
expectTypeOf<InferVariables<{ schema: typeof zodLoan }>>().toEqualTypeOf<Loan>();
expectTypeOf<ReturnType<typeof variablesOf>>().toEqualTypeOf<Readonly<Record<string, unknown>>>();

export class Accepted {
  @OnCallEnded({ agentId: 'loans', variables: LoanVariables })
  ofAClass(_call: CallEndedDto, _delivery: Delivery, variables: LoanVariables): boolean {
    return variables.interested_in_loan;
  }

  @OnCallEnded({ variables: zodLoan })
  ofZod(_call: CallEndedDto, _delivery: Delivery, { amount }: Loan): number {
    return amount;
  }

  @OnCallEnded({ variables: valibotLoan })
  ofValibot(
    _call: CallEndedDto,
    _delivery: Delivery,
    { amount }: v.InferOutput<typeof valibotLoan>,
  ): number | undefined {
    return amount;
  }

  @OnCallEnded({ variables: arkLoan })
  ofArkType(_call: CallEndedDto, _delivery: Delivery, loan: typeof arkLoan.infer): boolean {
    return loan.interested;
  }

  @OnCallEnded({ variables: { schema: LoanVariables, from: 'variables_fields' }, id: 'x' })
  ofTheOtherField(_call: CallEndedDto, _delivery: Delivery, _loan: LoanVariables): void {}

  @OnCallEnded({ variables: LoanVariables })
  ofPart(_call: CallEndedDto, _delivery: Delivery, _loan: { interested_in_loan: unknown }): void {}

  @OnCallEnded({ variables: LoanVariables })
  withoutThem(_call: CallEndedDto): void {}

  @OnCallEnded({ agentId: 'loans', variables: LoanVariables })
  @OnCallEnded({ agentId: 'cards', variables: zodLoan })
  ofEither(_call: CallEndedDto, _delivery: Delivery, _loan: LoanVariables | Loan): void {}
}

export class Refused {
  // @ts-expect-error Another class.
  @OnCallEnded({ variables: LoanVariables })
  otherClass(_call: CallEndedDto, _delivery: Delivery, _loan: { plan: string }): void {}

  // @ts-expect-error What a schema takes is not what it gives.
  @OnCallEnded({ variables: zodLoan })
  input(_call: CallEndedDto, _delivery: Delivery, _loan: z.input<typeof zodLoan>): void {}

  // @ts-expect-error A field of another type.
  @OnCallEnded({ variables: valibotLoan })
  valibot(_call: CallEndedDto, _delivery: Delivery, _loan: { interested: string }): void {}

  // @ts-expect-error A field of another type.
  @OnCallEnded({ variables: arkLoan })
  arkType(_call: CallEndedDto, _delivery: Delivery, _loan: { interested: string }): void {}

  // @ts-expect-error A field that may be absent.
  @OnCallEnded({ variables: { schema: LoanVariables, from: 'variables_fields' } })
  optional(_call: CallEndedDto, _delivery: Delivery, _loan: { amount: number }): void {}

  // @ts-expect-error The variables come third.
  @OnCallEnded({ variables: LoanVariables })
  second(_call: CallEndedDto, _loan: LoanVariables): void {}

  // @ts-expect-error They were not asked for.
  @OnCallEnded()
  notAsked(_call: CallEndedDto, _delivery: Delivery, _loan: LoanVariables): void {}

  // @ts-expect-error No such field.
  @OnCallEnded({ variables: { schema: LoanVariables, from: 'variable_fields' } })
  noField(): void {}

  // @ts-expect-error No schema.
  @OnCallEnded({ variables: { interested: Boolean } })
  noSchema(): void {}

  // @ts-expect-error Other events have none.
  @OnRevragEvent('*', { variables: LoanVariables })
  anyEvent(): void {}
}
