/** What pg answers to a statement. */
export interface PostgresResult {
  readonly rowCount: number | null;
  readonly rows: unknown[];
}

/** As much of a client of pg as an effect is recorded with. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<PostgresResult>;
}

/** As much of a pool of pg as the store uses. */
export interface PostgresPool {
  query(statement: { text: string; values?: unknown[] }): Promise<PostgresResult>;
  connect(): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
  end(): Promise<unknown>;
}
