/** A message of PostgreSQL about authentication. */
export const pgAuthentication = (code: number, text = ''): Buffer =>
  Buffer.from([0x52, 0, 0, 0, 8 + text.length, 0, 0, 0, code, ...Buffer.from(text)]);

/** PostgreSQL's side of the start of a session: authenticated, and ready for queries. */
export const PG_SESSION = Buffer.from([...pgAuthentication(0), 0x5a, 0, 0, 0, 5, 0x49]);
