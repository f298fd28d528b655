import { isISO8601 } from 'class-validator';
import type { JsonObject } from './json-object.js';
import { isObject } from './json-object.js';

type Check = (value: unknown) => boolean;

const isText: Check = value => typeof value === 'string';
const isNonEmptyText: Check = value => typeof value === 'string' && value !== '';
const optional =
  (check: Check): Check =>
  value =>
    value === undefined || value === null || check(value);

/** What the decorators of `CallEndedDto` say of fields that hold no list. A test holds the two together. */
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
  ['variables_fields', optional(isObject)],
  ['app_user_id', optional(isText)],
];

/**
 * Whether all is as it should be, which it nearly always is: class-validator takes longer for these few
 * fields than everything else does that is done for a small delivery, so it is asked only what is wrong.
 */
export const areFlatFieldsValid = (fields: JsonObject): boolean =>
  CHECKS.every(([field, check]) => check(fields[field]));
