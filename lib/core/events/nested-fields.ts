import { CustomVariableDto } from './dto/custom-variable.dto.js';
import { TranscriptMessageDto, TranscriptionDto } from './dto/transcription.dto.js';
import { findFieldHazard } from './hazards.js';
import { isObject, type JsonObject } from './json-object.js';
import type { Violations } from './violations.js';

// The same rules as the decorators of these classes, which are there for those who validate
// themselves; a test holds the two together.

export function toTranscription(
  value: unknown,
  violations: Violations,
): TranscriptionDto | null | undefined {
  if (value === null || value === undefined) return value;
  const transcription = new TranscriptionDto();
  if (!isObject(value)) {
    violations.add('transcription', 'must be an object');
    return transcription;
  }
  const { messages = [] } = value;
  if (Array.isArray(messages)) {
    transcription.messages = messages.map((message, index) =>
      toMessage(message, index, violations),
    );
  } else {
    transcription.messages = [];
    if (messages !== null) violations.add('transcription.messages', 'must be an array');
  }
  for (const key in value) {
    if (key !== 'messages') copyUnknown(value, key, transcription, 'transcription', violations);
  }
  return transcription;
}

function toMessage(value: unknown, index: number, violations: Violations): TranscriptMessageDto {
  const message = new TranscriptMessageDto();
  if (!isObject(value)) {
    violations.add(pathOf(index), 'must be an object');
    return message;
  }
  const { role, content } = value;
  if (typeof role !== 'string' || role === '') {
    violations.add(`${pathOf(index)}.role`, 'must be a non-empty string');
  }
  if (typeof content !== 'string') violations.add(`${pathOf(index)}.content`, 'must be a string');
  message.role = role as string;
  message.content = content as string;
  for (const key in value) {
    if (key === 'role' || key === 'content') continue;
    copyUnknown(value, key, message, pathOf(index), violations);
  }
  return message;
}

const pathOf = (index: number) => `transcription.messages[${index}]`;

export function toVariables(
  value: unknown,
  violations: Violations,
): CustomVariableDto[] | null | undefined {
  if (value === null || value === undefined) return value;
  if (!Array.isArray(value)) {
    violations.add('custom_variables', 'must be an array');
    return [];
  }
  return value.map((variable, index) => toVariable(variable, index, violations));
}

function toVariable(value: unknown, index: number, violations: Violations): CustomVariableDto {
  const variable = new CustomVariableDto();
  const at = `custom_variables[${index}]`;
  if (!isObject(value)) {
    violations.add(at, 'must be an object');
    return variable;
  }
  const { key, type } = value;
  if (typeof key !== 'string' || key === '') {
    violations.add(`${at}.key`, 'must be a non-empty string');
  }
  if (type !== undefined && type !== null && typeof type !== 'string') {
    violations.add(`${at}.type`, 'must be a string');
  }
  for (const field in value) copyUnknown(value, field, variable, at, violations);
  return variable;
}

function copyUnknown(
  from: JsonObject,
  key: string,
  to: object,
  path: string,
  violations: Violations,
): void {
  const hazard = findFieldHazard(key, from[key]);
  if (hazard) violations.add(path, hazard);
  else (to as JsonObject)[key] = from[key];
}
