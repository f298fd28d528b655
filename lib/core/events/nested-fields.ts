import { CustomVariableDto } from './dto/custom-variable.dto.js';
import { TranscriptMessageDto, TranscriptionDto } from './dto/transcription.dto.js';
import { findFieldHazard } from './hazards.js';
import { isObject, type JsonObject } from './json-object.js';
import type { Violations } from './violations.js';

// The same rules as the decorators of these classes, which serve apps that validate themselves; a test
// compares the two.

const NAME = 'must be a non-empty string';
const TEXT = 'must be a string';
const OBJECT = 'must be an object';
const LIST = 'must be an array';

export function toTranscription(value: unknown, violations: Violations): TranscriptionDto | null {
  if (!isObject(value)) {
    violations.drop('transcription', value, OBJECT);
    return null;
  }
  const transcription = new TranscriptionDto();
  transcription.messages = toMessages(value.messages ?? [], violations);
  for (const key in value) {
    if (key !== 'messages')
      copyUnknown([key, value[key]], transcription, 'transcription', violations);
  }
  return transcription;
}

function toMessages(list: unknown, violations: Violations): TranscriptMessageDto[] {
  if (!Array.isArray(list)) {
    violations.drop('transcription.messages', list, LIST);
    return [];
  }
  return list
    .map((value: unknown, index) => toMessage(value, index, violations))
    .filter(message => message !== undefined);
}

const pathOf = (index: number) => `transcription.messages[${index}]`;

/** The message; undefined for what is no object. */
function toMessage(
  value: unknown,
  index: number,
  violations: Violations,
): TranscriptMessageDto | undefined {
  if (!isObject(value)) {
    violations.drop(pathOf(index), value, OBJECT);
    return undefined;
  }
  const message = new TranscriptMessageDto();
  const { role, content } = value;
  const hasRole = typeof role === 'string' && role !== '';
  message.role = hasRole ? role : null;
  if (!hasRole) violations.drop(`${pathOf(index)}.role`, role, NAME);
  const hasContent = typeof content === 'string';
  message.content = hasContent ? content : null;
  if (!hasContent) violations.drop(`${pathOf(index)}.content`, content, TEXT);
  for (const key in value) {
    if (key === 'role' || key === 'content') continue;
    copyUnknown([key, value[key]], message, pathOf(index), violations);
  }
  return message;
}

export function toVariables(value: unknown, violations: Violations): CustomVariableDto[] | null {
  if (!Array.isArray(value)) {
    violations.drop('custom_variables', value, LIST);
    return null;
  }
  return value
    .map((entry: unknown, index) => toVariable(entry, `custom_variables[${index}]`, violations))
    .filter(variable => variable !== undefined);
}

/** The variable; undefined for one without a key. */
function toVariable(
  value: unknown,
  path: string,
  violations: Violations,
): CustomVariableDto | undefined {
  if (!isObject(value)) {
    violations.drop(path, value, OBJECT);
    return undefined;
  }
  const variable = new CustomVariableDto();
  for (const field in value) copyUnknown([field, value[field]], variable, path, violations);
  const { key, type } = value;
  if (type !== undefined && type !== null && typeof type !== 'string') {
    violations.add(`${path}.type`, TEXT);
    variable.type = null;
  }
  if (typeof key === 'string' && key !== '') return variable;
  violations.add(`${path}.key`, NAME);
  return undefined;
}

/** Copies a field that the contract does not name. */
function copyUnknown(
  [key, value]: readonly [string, unknown],
  to: object,
  path: string,
  violations: Violations,
): void {
  const hazard = findFieldHazard(key, value);
  if (hazard) violations.reject(path, hazard);
  else (to as JsonObject)[key] = value;
}
