import { isISO8601 } from 'class-validator';
import { CallEndedDto } from './dto/call-ended.dto.js';
import { CustomVariableDto } from './dto/custom-variable.dto.js';

type Json = Record<string, unknown>;
type Check = (value: unknown) => boolean;

const isText: Check = value => typeof value === 'string';
const isNonEmptyText: Check = value => typeof value === 'string' && value !== '';
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const optional =
  (check: Check): Check =>
  value =>
    value === undefined || value === null || check(value);

/** The decorators of `CallEndedDto`, the transcription aside. A test holds the two together. */
const CHECKS: readonly (readonly [field: string, check: Check])[] = [
  ['call_status', isNonEmptyText],
  ['call_id', isNonEmptyText],
  ['agent_id', isNonEmptyText],
  ['summary', optional(isText)],
  ['start_time', optional(value => isISO8601(value))],
  ['end_time', optional(value => isISO8601(value))],
  ['duration', optional(Number.isFinite)],
  ['disconnection_reason', optional(isText)],
  ['recording_url', optional(isText)],
  ['custom_variables', optional(value => Array.isArray(value) && value.every(isVariable))],
  ['variables_fields', optional(isObject)],
  ['app_user_id', optional(isText)],
];

const isVariable: Check = value =>
  isObject(value) && isNonEmptyText(value.key) && optional(isText)(value.type);

/**
 * Takes over fields that are all as they should be, which they nearly always are: class-transformer and
 * class-validator take longer for these few than everything else does that is done for a small delivery.
 *
 * @returns undefined where class-validator has to say what is wrong
 */
export function takeUsualFields(fields: Json): CallEndedDto | undefined {
  for (const [field, check] of CHECKS) {
    if (!check(fields[field])) return undefined;
  }
  const call = Object.assign(new CallEndedDto(), fields);
  if (call.custom_variables)
    call.custom_variables = call.custom_variables.map(variable =>
      Object.assign(new CustomVariableDto(), variable),
    );
  return call;
}
