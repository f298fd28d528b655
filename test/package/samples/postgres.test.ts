import pg from 'pg';
import { postgresSchemaSql } from 'nestjs-revrag-webhook/postgres';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SECRET } from '../../support/app.js';
import { until } from '../../support/claims.js';
import { buildSample, startSample, type SampleProcess } from '../../support/sample-process.js';
import { deliver, type Reply } from '../../support/send.js';
import {
  describeWithOwnPostgres,
  startPostgres,
  type PostgresServer,
} from '../../support/servers/postgres.js';

/** An advisory lock that this test holds, and a trigger waits for. */
const GATE = 4711;

describeWithOwnPostgres('sample/03-postgres', () => {
  let postgres: PostgresServer;
  let admin: pg.Client;
  let main: string;
  let sample: SampleProcess;

  beforeAll(async () => {
    postgres = await startPostgres();
    admin = new pg.Client(postgres.url);
    await admin.connect();
    await admin.query(postgresSchemaSql());
    await admin.query(`CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_advisory_xact_lock(${GATE}); RETURN NEW; END'`);
    main = buildSample('03-postgres');
    sample = await start();
  });
  afterAll(async () => {
    await sample.kill();
    await admin.end();
    await postgres.server.dispose();
  });

  const start = () =>
    startSample(main, { DATABASE_URL: postgres.url, REVRAG_WEBHOOK_SECRET: SECRET });
  const send = (id: string): Promise<Reply> =>
    deliver(sample.url, { id, body: JSON.stringify(callEnded({ call_id: id })) });
  const saved = async (id: string): Promise<number> =>
    (await admin.query('SELECT FROM calls WHERE call_id = $1', [id])).rowCount!;
  const waiting = async (): Promise<number[]> => {
    const { rows } = await admin.query<{ pid: number }>(
      `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = ${GATE} AND NOT granted`,
    );
    return rows.map(({ pid }) => pid);
  };

  /** Delivers, and kills the process when its statement on the table has come to the gate. */
  async function killAt(table: string, event: string, id: string): Promise<void> {
    await admin.query(`SELECT pg_advisory_lock(${GATE})`);
    await admin.query(`CREATE TRIGGER gate BEFORE ${event} ON ${table}
      FOR EACH ROW EXECUTE FUNCTION wait_at_gate()`);
    const lost = send(id).then(
      ({ status }) => status,
      () => 'no answer',
    );
    const [pid] = await until(waiting, pids => pids.length > 0);
    await sample.kill();
    expect(await lost).toBe('no answer');
    // The statement of the dead is not to go on when the gate opens.
    await admin.query('SELECT pg_terminate_backend($1)', [pid]);
    await until(waiting, pids => pids.length === 0);
    await admin.query(`DROP TRIGGER gate ON ${table}`);
    await admin.query(`SELECT pg_advisory_unlock(${GATE})`);
    await admin.query('UPDATE revrag_deliveries SET lease_until = now() WHERE token IS NOT NULL');
    sample = await start();
  }

  it('saves a call once, and ends in order', async () => {
    expect(await send('plain')).toMatchObject({ status: 200, body: { status: 'processed' } });
    expect(await send('plain')).toMatchObject({ status: 200, body: { status: 'duplicate' } });
    expect(await saved('plain')).toBe(1);
    await sample.stop();
    sample = await start();
  });

  it('saves a call once although it is killed after the commit, before that is taken down', async () => {
    await killAt('revrag_deliveries', 'UPDATE', 'committed');
    expect(await saved('committed')).toBe(1);
    expect(await send('committed')).toMatchObject({ body: { status: 'processed' } });
    expect(await saved('committed')).toBe(1);
  });

  it('saves a call once although it is killed before the commit', async () => {
    await killAt('calls', 'INSERT', 'rolled-back');
    expect(await saved('rolled-back')).toBe(0);
    expect(await send('rolled-back')).toMatchObject({ body: { status: 'processed' } });
    expect(await saved('rolled-back')).toBe(1);
  });
});
