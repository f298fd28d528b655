export type CauseCode =
  | 'body_encoded'
  | 'body_empty'
  | 'body_line_ends'
  | 'body_mark'
  | 'body_not_utf8'
  | 'body_reserialised'
  | 'body_length'
  | 'body_trailing_newline'
  | 'clock'
  | 'digest_format'
  | 'header_missing'
  | 'other_secret'
  | 'secret_encoding'
  | 'secret_quotes'
  | 'secret_white_space'
  | 'stale'
  | 'timestamp_differs'
  | 'timestamp_in_milliseconds'
  | 'timestamp_not_signed'
  | 'unknown';

/** Why a check fails. */
export interface Cause {
  readonly code: CauseCode;
  /** Whether undoing it makes the signature match; else it is only likely. */
  readonly proven: boolean;
  readonly message: string;
  /** What to do about it. */
  readonly cure: string;
}

/** One thing that may have been changed on the way, undone. */
export interface Suspect<T> {
  readonly value: T;
  readonly cause: Cause;
}

export const cause = (code: CauseCode, message: string, cure: string, proven = true): Cause => ({
  code,
  proven,
  message,
  cure,
});
