import { printable } from '../../core/common/printable.js';
import type { Reply } from './post.js';
import type { HangUp } from './why-no-answer.js';

/** The result of sending one delivery. */
export interface Attempt {
  readonly id: string;
  readonly type: string;
  /** Milliseconds from the first byte sent to the last one received. */
  readonly ms: number;
  /** HTTP status; undefined where no answer came. */
  readonly status?: number;
  /** `status` or `code` of the answer, such as `processed` or `signature_mismatch`. */
  readonly answer?: string;
  /** What the receiver says of a refusal, or why there was no answer. */
  readonly message?: string;
  /** Code of the failure where no answer came, such as `ECONNREFUSED`. */
  readonly error?: string;
  /** If the receiver closed the connection: what a probe found. */
  hangUp?: HangUp;
}

export type Verdict = 'accepted' | 'refused' | 'unanswered';

export function verdictOf({ status }: Attempt): Verdict {
  if (status === undefined) return 'unanswered';
  return status >= 200 && status < 300 ? 'accepted' : 'refused';
}

/** Whether the receiver did what it should: accepted the delivery or, if it was tampered with, refused it with 401. */
export const isAsExpected = (attempt: Attempt, tampered: boolean): boolean =>
  tampered ? attempt.status === 401 : verdictOf(attempt) === 'accepted';

/** Reads an answer of this library, or of another server. */
export function readReply({ status, body }: Reply): Pick<Attempt, 'status' | 'answer' | 'message'> {
  const text = body.toString('utf8');
  const json = parseObject(text);
  const answer = [json['status'], json['code']].find(each => typeof each === 'string');
  const message = json['message'] ?? (answer === undefined ? text : undefined);
  return {
    status,
    ...(answer !== undefined && { answer: printable(answer) }),
    ...(typeof message === 'string' &&
      message !== '' && { message: oneLine(message, 300) + violations(json) }),
  };
}

function violations({ violations: list }: Record<string, unknown>): string {
  if (!Array.isArray(list)) return '';
  const lines = (list as { path?: unknown; message?: unknown }[])
    .slice(0, 10)
    .map(each => ` [${oneLine(String(each?.path))}: ${oneLine(String(each?.message))}]`);
  return lines.join('');
}

/** Without the line ends and indentation of an HTML page. */
const oneLine = (text: string, max = 200): string =>
  printable(text.replace(/\s+/g, ' ').trim(), max);

function parseObject(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** What to do about an answer that does not say it itself. */
export function hintFor(attempt: Attempt, url: URL): string | undefined {
  const { status, answer, error, hangUp } = attempt;
  if (hangUp !== undefined) return HANG_UPS[hangUp];
  if (error !== undefined) return errorHint(error, url);
  if (status === undefined || (status >= 200 && status < 300)) return undefined;
  if (status >= 300 && status < 400) return 'Redirects are not followed: send to the final URL.';
  if (answer === 'signature_mismatch') return '"revrag-webhook verify" finds out why.';
  if (answer !== undefined) return undefined;
  if (status === 404) {
    return 'Is the path right? By default it is /webhooks/revrag, after the global prefix of the app.';
  }
  if (status === 401 || status === 403) {
    return 'Something answers before the endpoint does, such as a proxy or middleware of the app.';
  }
  return undefined;
}

const HANG_UPS: Readonly<Record<HangUp, string>> = {
  gone: 'The receiver closed the connection, and nothing listens there now: did the app crash, or was it stopped?',
  'speaks tls': 'The receiver speaks TLS: use https:// for it.',
  'still there':
    'The receiver closed the connection without an answer, but still listens: was the app restarted, or does a proxy close the connection?',
};

function errorHint(error: string, { host, hostname, protocol }: URL): string {
  switch (error) {
    case 'ECONNREFUSED':
      return `Nothing listens at ${host}. Is the app started, and is the port right?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `There is no host ${hostname}, or no network to look it up.`;
    case 'ETIMEDOUT':
      return 'No answer in time: is a handler stuck? Raise --timeout to wait longer.';
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return 'The receiver does not speak TLS: use http:// for it.';
    default:
      if (error.startsWith('HPE_'))
        return `What listens there does not answer in HTTP.${protocol === 'http:' ? ' Does it speak https?' : ''}`;
      if (/CERT|ISSUER|SIGNED|SIGNATURE/.test(error)) {
        return 'Its certificate is not trusted; NODE_EXTRA_CA_CERTS=<file> adds your own authority.';
      }
      return `No answer from ${host}.`;
  }
}
