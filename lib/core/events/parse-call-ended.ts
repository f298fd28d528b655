import { CALL_ENDED_FIELDS, FLAT_TYPES, type Field } from './call-ended.fields.js';
import { CallEndedDto } from './dto/call-ended.dto.js';
import { findFieldHazard } from './hazards.js';
import { isObject, type JsonObject } from './json-object.js';
import { toTranscription, toVariables } from './nested-fields.js';
import type { Violations } from './violations.js';

const FIELDS: readonly (readonly [name: string, field: Field])[] =
  Object.entries(CALL_ENDED_FIELDS);
/** The field without which a payload is rejected: nothing else names the call. */
const IDENTITY = 'call_id';

/**
 * Makes a `CallEndedDto` of parsed JSON. A field of the wrong type is null; `violations` gets its path.
 *
 * Without class-validator and class-transformer: both recurse, take ten times as long as the `JSON.parse` of a
 * long transcript, and fail on keys such as `constructor`, which free-form objects may have (decision 4).
 */
export function parseCallEnded(json: unknown, violations: Violations): CallEndedDto {
  const call = new CallEndedDto();
  if (!isObject(json)) {
    violations.reject('', 'must be an object');
    return call;
  }
  const fields = call as unknown as JsonObject;
  for (const [name, field] of FIELDS) {
    fields[name] = read(name, field, json[sourceOf(name, field, json)], violations);
  }
  copyExtra(json, fields.extra as JsonObject, violations);
  return call;
}

/** The value if it matches the table, else null; undefined if it is absent and may be. */
function read(name: string, field: Field, value: unknown, violations: Violations): unknown {
  const { type, isRequired } = field;
  if ((value === undefined || value === null) && !isRequired) return value;
  if (type === 'transcription') return toTranscription(value, violations);
  if (type === 'variables') return toVariables(value, violations);
  const { matches, message } = FLAT_TYPES[type];
  if (!matches(value)) {
    if (name === IDENTITY) violations.reject(name, message);
    else violations.drop(name, value, message);
    return null;
  }
  const hazard = findFieldHazard(name, value);
  if (hazard) violations.reject(name, hazard);
  return value;
}

/** The name under which the sender sent a field. */
const sourceOf = (name: string, { alias }: Field, json: JsonObject): string =>
  alias !== undefined && json[name] === undefined && isObject(json[alias]) ? alias : name;

function copyExtra(json: JsonObject, extra: JsonObject, violations: Violations): void {
  for (const name in json) {
    if (Object.hasOwn(CALL_ENDED_FIELDS, name) || isAlias(name, json)) continue;
    const hazard = findFieldHazard(name, json[name]);
    // The sender chose the name of an unknown field, so the message does not repeat it.
    if (hazard) violations.reject('', hazard);
    else extra[name] = json[name];
  }
}

/** Whether a field of the table was read under this name. */
const isAlias = (name: string, json: JsonObject): boolean =>
  FIELDS.some(([own, field]) => sourceOf(own, field, json) === name);
