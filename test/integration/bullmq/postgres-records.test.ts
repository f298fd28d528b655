import pg from 'pg';
import { describeWithPostgres, usePostgres } from '../../support/servers/postgres.js';
import { describeRecords } from './records.contract.js';

const REFUSE = `
  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION 'No end is recorded'; END$$;
  CREATE TRIGGER refuse BEFORE UPDATE ON bullmq.job FOR EACH ROW
    WHEN (NEW.state = 'completed') EXECUTE FUNCTION refuse();`;

describeWithPostgres('the log of a queue on a PostgreSQL that records no end', () => {
  const postgres = usePostgres();
  const query = async (text: string) => {
    const client = new pg.Client(postgres.url);
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  describeRecords(() => ({ postgres: postgres.url }), {
    refuse: () => query(REFUSE),
    allow: () => query('DROP TRIGGER refuse ON bullmq.job'),
  });
});
