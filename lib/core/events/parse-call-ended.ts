import { validateSync } from 'class-validator';
import { CALL_ENDED_FIELDS, CallEndedDto } from './dto/call-ended.dto.js';
import { areFlatFieldsValid, copyFlatFields } from './flat-fields.js';
import { findFieldHazard, findHazard } from './hazards.js';
import { isObject, type JsonObject } from './json-object.js';
import { toTranscription, toVariables } from './nested-fields.js';
import { Violations } from './violations.js';

/**
 * Makes a `CallEndedDto` of parsed JSON.
 *
 * The lists, which are nearly all of a large payload, are checked and converted in one linear walk.
 * class-validator sees the other documented fields only, and class-transformer nothing: both recurse,
 * and both trip over keys such as `constructor`, which the sender's free-form objects may well have.
 *
 * @throws RevragPayloadError `invalid_payload` with all violations, up to a bound
 */
export function parseCallEnded(json: unknown): CallEndedDto {
  const violations = new Violations();
  const call = new CallEndedDto();
  if (isObject(json)) {
    validateFlatFields(json, call, violations);
    if ('custom_variables' in json) {
      call.custom_variables = toVariables(json.custom_variables, violations);
    }
    if ('transcription' in json) {
      call.transcription = toTranscription(json.transcription, violations);
    }
    copyUnknownFields(json, call, violations);
  } else {
    violations.add('', 'must be an object');
  }
  violations.throwIfAny();
  return call;
}

function validateFlatFields(json: JsonObject, call: CallEndedDto, violations: Violations): void {
  copyFlatFields(json, call);
  if (!areFlatFieldsValid(call)) {
    const options = { stopAtFirstError: true, validationError: { target: false, value: false } };
    violations.addAll(validateSync(call, options));
  }
  const hazard = findHazard(call.variables_fields);
  if (hazard) violations.add('variables_fields', hazard);
}

function copyUnknownFields(json: JsonObject, call: CallEndedDto, violations: Violations): void {
  for (const field in json) {
    if (CALL_ENDED_FIELDS.has(field)) continue;
    const hazard = findFieldHazard(field, json[field]);
    // The name of an unknown field is the sender's text, so it is not repeated.
    if (hazard) violations.add('', hazard);
    else call[field] = json[field];
  }
}
