import { RevragConfigurationError } from 'nestjs-revrag-webhook';
import { expect, it } from 'vitest';
import {
  requireReadCommitted,
  requireSession,
  toPoolerError,
} from '../../../lib/bullmq/postgres-session.js';

/** A session that answers each query with the next of these rows. */
function sessionOf(...rows: object[]) {
  const asked: string[] = [];
  const query = (text: string) => {
    asked.push(text);
    return Promise.resolve({ rows: /^(BEGIN|ROLLBACK)$/.test(text) ? [] : [rows.shift()] });
  };
  return { asked, client: { query } as never };
}

it.each(['read committed', 'read uncommitted'])('accepts %s', async level => {
  await requireReadCommitted(sessionOf({ level }).client);
});

it.each(['repeatable read', 'serializable'])('refuses %s, and names the cure', async level => {
  const refused = requireReadCommitted(sessionOf({ level }).client);
  await expect(refused).rejects.toThrow(RevragConfigurationError);
  await expect(refused).rejects.toThrow(
    `default_transaction_isolation = ${level}, with which BullMQ fails under load. Create the pool`,
  );
});

it.each([
  ['sessions of their own', [1, 1], 2, true],
  ['one that is given to both', [1, 1], 1, false],
  ['one that changes', [1, 3], 2, false],
])('tells sessions by the processes of the server: %s', async (_what, pids, held, isFine) => {
  const one = sessionOf(...pids.map(pid => ({ pid })));
  const other = sessionOf({ pid: held });
  const checked = requireSession(one.client, other.client);
  if (isFine) await checked;
  else await expect(checked).rejects.toThrow('through a pooler in transaction mode');
  expect(other.asked.at(0)).toBe('BEGIN');
  expect(other.asked.at(-1)).toBe('ROLLBACK');
});

it('explains what only a pooler says', () => {
  const said = toPoolerError(new Error('unsupported startup parameter: options'));
  expect(said).toBeInstanceOf(RevragConfigurationError);
  expect(String(said)).toContain('(unsupported startup parameter: options)');
  for (const other of [new Error('password authentication failed'), undefined, 'text']) {
    expect(toPoolerError(other)).toBe(other);
  }
});
