import { Injectable, type OnModuleInit } from '@nestjs/common';
import { CallEndedDto, Delivery, OnCallEnded } from 'nestjs-revrag-webhook';
import { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import { Pool } from 'pg';

@Injectable()
export class CallsService implements OnModuleInit {
  constructor(
    private readonly pool: Pool,
    private readonly store: PostgresIdempotencyStore,
  ) {}

  async onModuleInit(): Promise<void> {
    // Only because this is a sample. Your app has migrations.
    await this.pool.query(
      'CREATE TABLE IF NOT EXISTS calls (call_id text NOT NULL, duration double precision, summary text)',
    );
  }

  /** Commits the call's row together with a note of it, or neither. */
  @OnCallEnded()
  async save(call: CallEndedDto, delivery: Delivery): Promise<void> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      if (await this.store.recordEffect(client, delivery, 'CallsService.save')) {
        await client.query('INSERT INTO calls (call_id, duration, summary) VALUES ($1, $2, $3)', [
          call.call_id,
          call.duration,
          call.summary,
        ]);
      }
      await client.query('COMMIT');
      client.release();
    } catch (error) {
      // Closes the connection, which rolls back.
      client.release(true);
      throw error;
    }
  }

  /** How often a call was saved. */
  async count(callId: string): Promise<number> {
    const { rowCount } = await this.pool.query('SELECT FROM calls WHERE call_id = $1', [callId]);
    return rowCount ?? 0;
  }
}
