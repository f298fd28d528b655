import type { CapturedRequest } from './captured-request.js';

/** What was pasted or piped in, without a byte order mark. */
export interface Capture {
  readonly bytes: Buffer;
  readonly text: string;
  /** The text parsed: one value where it is JSON, several where it has JSON in its lines. */
  readonly json: readonly unknown[];
}

/** Knows one form in which requests are captured. */
export interface CaptureReader {
  /** For the reader: "Read as <name>." */
  readonly name: string;
  /**
   * The requests of a capture in this form; none where it is of another form.
   *
   * @throws CliError where it is of this form, but what is needed is missing
   */
  read(capture: Capture): readonly CapturedRequest[];
}
