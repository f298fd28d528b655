/**
 * What the contract says of a payload, stated a second time and without anything of `lib`, so that
 * the library has something to be held against.
 */
export type Reading =
  | { readonly verdict: 'valid' | 'unsure'; readonly payload: unknown }
  | { readonly verdict: 'malformed_json' | 'invalid_payload' };

type Check = (value: unknown) => boolean | 'unsure';
type Fields = Readonly<Record<string, unknown>>;

/** Between the two, either answer is right: levels are counted from different roots. */
const SURELY_SHALLOW = 60;
const SURELY_DEEP = 70;

const decoder = new TextDecoder();

export function readPayload(body: Buffer, type: string): Reading {
  let payload: unknown;
  try {
    payload = JSON.parse(decoder.decode(body));
  } catch {
    return { verdict: 'malformed_json' };
  }
  const results = [checkNesting(payload)];
  if (type === 'call.ended') results.push(checkCallEnded(payload));
  if (results.includes(false)) return { verdict: 'invalid_payload' };
  return {
    verdict: results.includes('unsure') ? 'unsure' : 'valid',
    payload: type === 'call.ended' ? withMessages(payload as Fields) : payload,
  };
}

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText: Check = value => typeof value === 'string';
const isName: Check = value => typeof value === 'string' && value.length > 0;
const isFinite: Check = value => typeof value === 'number' && Math.abs(value) <= Number.MAX_VALUE;
const orNothing =
  (check: Check): Check =>
  value =>
    value === undefined || value === null || check(value);

const PLAIN_TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** ISO 8601 has many forms; those that are neither the usual one nor clearly none are left open. */
const isTime: Check = value => {
  if (typeof value !== 'string') return false;
  if (PLAIN_TIME.test(value)) return true;
  return /^[+-]?\d{4}[\d\sTWZz:.,+-]*$/.test(value) ? 'unsure' : false;
};

const CALL_ENDED: Readonly<Record<string, Check>> = {
  call_status: isName,
  call_id: isName,
  agent_id: isName,
  summary: orNothing(isText),
  start_time: orNothing(isTime),
  end_time: orNothing(isTime),
  duration: orNothing(isFinite),
  disconnection_reason: orNothing(isText),
  recording_url: orNothing(isText),
  app_user_id: orNothing(isText),
  variables_fields: orNothing(isRecord),
  transcription: orNothing(
    value => isRecord(value) && orNothing(isListOf(isMessage))(value.messages),
  ),
  custom_variables: orNothing(value => isListOf(isVariable)(value)),
};

const isListOf =
  (check: Check): Check =>
  value =>
    Array.isArray(value) && value.every(item => check(item) === true);
const isMessage: Check = value =>
  isRecord(value) && isName(value.role) === true && isText(value.content) === true;
const isVariable: Check = value =>
  isRecord(value) && isName(value.key) === true && orNothing(isText)(value.type) === true;

function checkCallEnded(payload: unknown): boolean | 'unsure' {
  if (!isRecord(payload)) return false;
  const results = Object.entries(CALL_ENDED).map(([field, check]) => check(payload[field]));
  if (results.includes(false)) return false;
  return results.includes('unsure') ? 'unsure' : true;
}

/** Level by level, as recursion is what deep nesting breaks. */
function checkNesting(payload: unknown): boolean | 'unsure' {
  let depth = 0;
  for (let level = [payload].filter(isContainer); level.length > 0; depth += 1) {
    if (depth >= SURELY_DEEP) return false;
    if (level.some(holdsPrototypeKey)) return false;
    level = level
      .flatMap(container => Object.values<unknown>(container as Fields))
      .filter(isContainer);
  }
  return depth <= SURELY_SHALLOW ? true : 'unsure';
}

const isContainer = (value: unknown): value is object =>
  typeof value === 'object' && value !== null;

function holdsPrototypeKey(container: object): boolean {
  if (Array.isArray(container)) return false;
  if (Object.hasOwn(container, '__proto__')) return true;
  const { constructor } = container as Fields;
  return (
    Object.hasOwn(container, 'constructor') &&
    isRecord(constructor) &&
    Object.hasOwn(constructor, 'prototype')
  );
}

/** The one thing that is put in: a transcription always has a list of messages. */
function withMessages(payload: Fields): Fields {
  const { transcription } = payload;
  if (!isRecord(transcription)) return payload;
  return {
    ...payload,
    transcription: { ...transcription, messages: transcription.messages ?? [] },
  };
}

/** Whether a handler saw what was sent. A field that was not sent may be there as undefined. */
export function sameJson(seen: unknown, sent: unknown): boolean {
  if (!isContainer(sent)) return Object.is(seen, sent);
  if (!isContainer(seen) || Array.isArray(seen) !== Array.isArray(sent)) return false;
  const entries = Object.entries(sent);
  const present = Object.values(seen).filter(value => value !== undefined);
  return (
    present.length === entries.length &&
    entries.every(
      ([key, value]) => Object.hasOwn(seen, key) && sameJson((seen as Fields)[key], value),
    )
  );
}
