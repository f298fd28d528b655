import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { CallEndedDto } from './dto/call-ended.dto.js';
import { TranscriptMessageDto, TranscriptionDto } from './dto/transcription.dto.js';
import { findHazard } from './hazards.js';
import { takeUsualFields } from './usual-fields.js';
import { Violations } from './violations.js';

type Json = Record<string, unknown>;

/**
 * Makes a `CallEndedDto` of parsed JSON.
 *
 * The transcript, which is nearly all of a large payload, is checked and converted in one linear walk;
 * only the rest goes through class-transformer and class-validator, which copy and recurse.
 *
 * @throws RevragPayloadError `invalid_payload` with all violations, up to a bound
 */
export function parseCallEnded(json: unknown): CallEndedDto {
  const violations = new Violations();
  if (!isObject(json)) {
    violations.add('', 'must be an object');
    violations.throwIfAny();
  }
  const { transcription, ...rest } = json as Json;
  findHazards(rest, violations);
  // What class-transformer would recurse into is known to be shallow from here on.
  violations.throwIfAny();
  const call = takeUsualFields(rest) ?? toCall(rest, violations);
  if ('transcription' in (json as Json)) {
    call.transcription = toTranscription(transcription, violations);
  }
  violations.throwIfAny();
  return call;
}

function toCall(fields: Json, violations: Violations): CallEndedDto {
  const call = plainToInstance(CallEndedDto, fields);
  violations.addAll(
    validateSync(call, {
      stopAtFirstError: true,
      validationError: { target: false, value: false },
    }),
  );
  return call;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function findHazards(fields: Json, violations: Violations): void {
  if (!findHazard(fields)) return;
  for (const [field, value] of Object.entries(fields)) {
    const hazard = findHazard({ [field]: value });
    // The name of an unknown field is the sender's text, so it is not repeated.
    if (hazard) violations.add(DOCUMENTED_FIELDS.includes(field) ? field : '', hazard);
  }
}

const DOCUMENTED_FIELDS: readonly string[] = ['custom_variables', 'variables_fields'];

function toTranscription(
  value: unknown,
  violations: Violations,
): TranscriptionDto | null | undefined {
  if (value === null || value === undefined) return value;
  if (!isObject(value)) {
    violations.add('transcription', 'must be an object');
    return undefined;
  }
  const { messages, ...rest } = value;
  const hazard = findHazard(rest);
  if (hazard) violations.add('transcription', hazard);
  const transcription = Object.assign(new TranscriptionDto(), rest);
  if (Array.isArray(messages)) {
    transcription.messages = messages.map((message, index) =>
      toMessage(message, index, violations),
    );
  } else if (messages === null || messages === undefined) {
    transcription.messages = [];
  } else {
    violations.add('transcription.messages', 'must be an array');
  }
  return transcription;
}

function toMessage(value: unknown, index: number, violations: Violations): TranscriptMessageDto {
  const message = new TranscriptMessageDto();
  const path = () => `transcription.messages[${index}]`;
  if (!isObject(value)) {
    violations.add(path(), 'must be an object');
    return message;
  }
  const { role, content } = value;
  if (typeof role !== 'string' || role === '') {
    violations.add(`${path()}.role`, 'must be a non-empty string');
  }
  if (typeof content !== 'string') violations.add(`${path()}.content`, 'must be a string');
  message.role = role as string;
  message.content = content as string;
  for (const key in value) {
    if (key !== 'role' && key !== 'content') copyUnknown(value, key, message, path, violations);
  }
  return message;
}

/** Apart, so that the common message of two fields stays on a short path. */
function copyUnknown(
  from: Json,
  key: string,
  to: object,
  path: () => string,
  violations: Violations,
): void {
  const hazard = findHazard({ [key]: from[key] });
  if (hazard) violations.add(path(), hazard);
  else (to as Json)[key] = from[key];
}
