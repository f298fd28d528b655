import 'reflect-metadata';
import { isUtf8 } from 'node:buffer';
import { RevragPayloadError, type Violation } from '../../core/errors/revrag-payload.error.js';
import { parseEvent } from '../../core/events/parse-event.js';
import { WEBHOOK_HEADERS, readHead } from '../../core/signature/headers.js';
import { matches, signingKey } from '../../core/signature/scheme.js';
import { VerifiedDelivery } from '../../core/signature/verified-delivery.js';
import type { CapturedRequest } from './captured-request.js';
import { cause, type Cause } from './cause.js';
import { ageOf, clockCause, duration } from './age.js';
import { readLooseHead, type LooseHead } from './loose-head.js';
import { prove } from './prove.js';

export interface Check {
  readonly name: 'headers' | 'signature' | 'timestamp' | 'payload';
  /** `note`: not as it should be, but no reason to refuse it as captured. */
  readonly status: 'pass' | 'fail' | 'note' | 'skipped';
  readonly message: string;
  readonly violations?: readonly Violation[];
}

export interface Diagnosis {
  /** Whether an endpoint with these secrets would accept it. */
  readonly authentic: boolean;
  readonly checks: readonly Check[];
  /** Why checks fail, the likeliest first. */
  readonly causes: readonly Cause[];
}

export interface DiagnoseInput {
  readonly request: CapturedRequest;
  readonly secrets: readonly string[];
  /** When it was received. If unknown, the age is shown, but does not count. */
  readonly at?: Date | undefined;
  readonly now: Date;
  /** Seconds. */
  readonly tolerance: number;
}

/** Repeats the checks of an endpoint, and looks for the cause of a failure. */
export function diagnose(input: DiagnoseInput): Diagnosis {
  const { request, secrets } = input;
  const head = readLooseHead(request.headers);
  const headers = checkHeaders(request);
  const match = findSecret(request, head, secrets);
  const signature = checkSignature(head, secrets, match);
  const timestamp = checkTimestamp(head, input);
  const checks = [headers, signature, timestamp.check, checkPayload(request, match !== undefined)];
  const authentic = [headers, signature, timestamp.check].every(({ status }) =>
    ['pass', 'note'].includes(status),
  );
  const causes = [
    ...head.causes,
    ...(match === undefined ? explainMismatch(request, head, secrets) : []),
    ...(match !== undefined && match > 0 ? [otherSecret(match, secrets.length)] : []),
    ...timestamp.causes,
  ];
  return { authentic, checks, causes };
}

function checkHeaders({ headers }: CapturedRequest): Check {
  try {
    readHead(headers);
    return { name: 'headers', status: 'pass', message: 'All four are present and well-formed.' };
  } catch (error) {
    return { name: 'headers', status: 'fail', message: (error as Error).message };
  }
}

/** @returns the place of the secret that matches */
function findSecret(
  { body }: CapturedRequest,
  { timestamp = '', digests }: LooseHead,
  secrets: readonly string[],
): number | undefined {
  const written = digests.map(digest => digest.toString('hex'));
  const index = secrets.findIndex(secret =>
    matches([signingKey(secret)], written, timestamp, body),
  );
  return index === -1 ? undefined : index;
}

function checkSignature(
  { digests, timestamp }: LooseHead,
  secrets: readonly string[],
  match: number | undefined,
): Check {
  const name = 'signature';
  if (digests.length === 0 || timestamp === undefined) {
    return { name, status: 'fail', message: 'There is no digest to compare.' };
  }
  const which =
    secrets.length === 1 ? 'the secret' : `secret ${(match ?? 0) + 1} of ${secrets.length}`;
  if (match !== undefined) return { name, status: 'pass', message: `It matches ${which}.` };
  const none = secrets.length === 1 ? 'the secret' : `any of the ${secrets.length} secrets`;
  return { name, status: 'fail', message: `It does not match ${none}.` };
}

function checkTimestamp(
  { timestamp }: LooseHead,
  { at, now, tolerance }: DiagnoseInput,
): { check: Check; causes: Cause[] } {
  const name = 'timestamp';
  const age = ageOf(timestamp, at ?? now);
  if (age === undefined) {
    const message = 'There is no timestamp in whole seconds.';
    return { check: { name, status: 'fail', message }, causes: [] };
  }
  const seen = at ? 'was received' : 'is verified here';
  const signed = `Signed ${duration(Math.abs(age))} ${age < 0 ? 'after' : 'before'} it ${seen}`;
  const excess = Math.abs(age) - tolerance;
  if (excess <= 0) {
    return { check: { name, status: 'pass', message: `${signed}.` }, causes: [] };
  }
  const message = `${signed}; ${tolerance} s are tolerated, so it is ${duration(excess)} too ${age < 0 ? 'early' : 'late'}.`;
  if (at) return { check: { name, status: 'fail', message }, causes: [clockCause(age)] };
  const note = `${message} Most captures are older; give the time of receipt with --at to check it.`;
  return { check: { name, status: 'note', message: note }, causes: [] };
}

function otherSecret(match: number, count: number): Cause {
  return cause(
    'other_secret',
    `The digest was made with secret ${match + 1} of ${count}, not with the first.`,
    'Each agent may have its own secret: an endpoint that has only another one refuses the delivery.',
  );
}

function checkPayload({ headers, body }: CapturedRequest, isSigned: boolean): Check {
  const name = 'payload';
  const { [WEBHOOK_HEADERS.id]: id = '', [WEBHOOK_HEADERS.event]: type = '' } = headers;
  if (!isSigned) {
    return {
      name,
      status: 'skipped',
      message: 'Not checked: a body that is not authentic is not parsed.',
    };
  }
  try {
    const verified = new VerifiedDelivery(id, type, new Date(0), '', body);
    const { violations } = parseEvent(verified).delivery;
    if (violations.length === 0) return { name, status: 'pass', message: 'It can be read.' };
    const message = 'It can be read; fields that break the contract are null or left out.';
    return { name, status: 'note', message, violations };
  } catch (error) {
    if (!(error instanceof RevragPayloadError)) throw error;
    const { message, violations } = error;
    return { name, status: 'fail', message, violations };
  }
}

function explainMismatch(
  request: CapturedRequest,
  head: LooseHead,
  secrets: readonly string[],
): readonly Cause[] {
  const proven = prove(request, head, secrets);
  if (proven.length > 0 || head.digests.length === 0) return proven;
  return [
    ...suspectLoss(request),
    cause(
      'unknown',
      'None of the usual mistakes explains it.',
      'Most likely the secret is not the one agreed on for this agent. Otherwise the body was changed in a way ' +
        'that cannot be undone: serialised again by an unusual program, masked, or cut.',
      false,
    ),
  ];
}

/** Changes that lost bytes: they can be seen, but not undone. */
function suspectLoss({ headers, body }: CapturedRequest): Cause[] {
  const keep = 'Keep the bytes as they were received, as a Buffer or a file.';
  const length = headers['content-length'];
  if (body.length === 0) {
    const message = 'The body is empty: something read it before it was captured.';
    return [cause('body_empty', message, 'Capture it before any body parser runs.', false)];
  }
  const causes: Cause[] = [];
  if (length !== undefined && Number(length) !== body.length) {
    const message = `The body has ${body.length} bytes, but Content-Length says ${length.slice(0, 20)}.`;
    causes.push(cause('body_length', message, keep, false));
  }
  if (!isUtf8(body) || body.includes('\ufffd')) {
    const message =
      'The body is not the UTF-8 that was sent: characters were replaced or re-encoded.';
    causes.push(cause('body_not_utf8', message, keep, false));
  }
  return causes;
}
