import { isISO8601 } from 'class-validator';
import type { JsonObject } from './json-object.js';
import { isObject } from './json-object.js';

/** Times as they nearly always read: all of these are ISO 8601, and told in a fraction of the time. */
const USUAL_TIME =
  /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$/;

export const isTime = (value: unknown): boolean =>
  (typeof value === 'string' && USUAL_TIME.test(value)) || isISO8601(value);

const isNonEmptyText = (value: unknown) => typeof value === 'string' && value !== '';
const isAbsent = (value: unknown) => value === undefined || value === null;
const isTextOrAbsent = (value: unknown) => typeof value === 'string' || isAbsent(value);
const isTimeOrAbsent = (value: unknown) => isAbsent(value) || isTime(value);

/**
 * Whether all is as it should be, which it nearly always is: class-validator takes longer for these few
 * fields than everything else does that is done for a small delivery, so it is asked only what is wrong.
 *
 * Says what the decorators of `CallEndedDto` say of fields that hold no list; a test holds the two together.
 */
export const areFlatFieldsValid = (fields: JsonObject): boolean =>
  isNonEmptyText(fields.call_status) &&
  isNonEmptyText(fields.call_id) &&
  isNonEmptyText(fields.agent_id) &&
  isTextOrAbsent(fields.summary) &&
  isTimeOrAbsent(fields.start_time) &&
  isTimeOrAbsent(fields.end_time) &&
  (isAbsent(fields.duration) || Number.isFinite(fields.duration)) &&
  isTextOrAbsent(fields.disconnection_reason) &&
  isTextOrAbsent(fields.recording_url) &&
  (isAbsent(fields.variables_fields) || isObject(fields.variables_fields)) &&
  isTextOrAbsent(fields.app_user_id);

/** By name: a loop over names takes three times as long. JSON has no undefined, so what is undefined is absent. */
export function copyFlatFields(from: JsonObject, to: JsonObject): void {
  if (from.call_status !== undefined) to.call_status = from.call_status;
  if (from.call_id !== undefined) to.call_id = from.call_id;
  if (from.agent_id !== undefined) to.agent_id = from.agent_id;
  if (from.summary !== undefined) to.summary = from.summary;
  if (from.start_time !== undefined) to.start_time = from.start_time;
  if (from.end_time !== undefined) to.end_time = from.end_time;
  if (from.duration !== undefined) to.duration = from.duration;
  if (from.disconnection_reason !== undefined) to.disconnection_reason = from.disconnection_reason;
  if (from.recording_url !== undefined) to.recording_url = from.recording_url;
  if (from.variables_fields !== undefined) to.variables_fields = from.variables_fields;
  if (from.app_user_id !== undefined) to.app_user_id = from.app_user_id;
}
