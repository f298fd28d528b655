/** A captured request. It is neither trusted nor necessarily complete. */
export interface CapturedRequest {
  /** Names in lower case; repeated headers joined with `, `, as Node does. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** When it was received, if the capture says so. */
  readonly receivedAt?: Date;
  /** What the user should know about how the body was captured. */
  readonly note?: string;
}

/** Collects headers by lower-case name. */
export function toHeaders(entries: Iterable<readonly [name: string, value: string]>) {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of entries) {
    const key = name.trim().toLowerCase();
    const before = headers[key];
    headers[key] = before === undefined ? value.trim() : `${before}, ${value.trim()}`;
  }
  return headers;
}
