export const ExitCode = {
  /** Done, with the wanted result. */
  Ok: 0,
  /** Done, but refused: by the receiver (send), or not authentic (verify). */
  Refused: 1,
  /** Nothing was done: wrong options, or an input that can't be read. */
  Usage: 2,
  /** At least one delivery got no answer. */
  NoAnswer: 3,
  /** Ended with Ctrl-C. */
  Interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
