import type { PostgresNames } from './postgres-names.js';

/**
 * The parts that both functions share. Times are the server's; spans are milliseconds.
 *
 * A function is one round trip, and the server caches its plans, also behind a pooler. It waits for locks no longer
 * than its caller waits for it: nobody would use a later claim. Each statement must see what was committed before
 * it, so the function rejects isolation levels other than read committed, with the code of a serialisation error:
 * the store then retries in a transaction of that level.
 */
const DECLARE = `
  v_ms CONSTANT interval := interval '1 millisecond';
  v_now timestamptz;
  v_row record;
  v_count int := length(p_handlers) / 8;
  v_handler bytea;
  v_new bytea := '';
  v_name bytea;
  v_names bytea;
  v_until timestamptz;`;

export const CHECK_ISOLATION = `
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    RAISE EXCEPTION 'nestjs-revrag-webhook needs the isolation level read committed' USING ERRCODE = '40001';
  END IF;`;

const BEGIN = `${CHECK_ISOLATION}
  PERFORM set_config('lock_timeout', ceil(p_wait)::text, true);`;

/** One at a time for each call, so that two names of one delivery are not claimed side by side. */
const LOCK = `
  PERFORM pg_advisory_xact_lock(('x' || encode(substr(p_call, 1, 8), 'hex'))::bit(64)::bigint);
  v_now := clock_timestamp();`;

/** The delivery, as \`v_row\`. The bytes are signed and the id is not, so the bytes decide first. */
const find = (deliveries: string, byCall: string): string => `
  SELECT * INTO v_row FROM ${deliveries} AS d
    WHERE d.call = p_call AND d.expires_at > v_now
      AND (${byCall} OR d.key = p_body OR position(substr(p_body, 1, 8) IN d.names) > 0
        OR position(p_id IN d.names) > 0)
    ORDER BY d.key = p_body DESC, position(substr(p_body, 1, 8) IN d.names) > 0 DESC,
      position(p_id IN d.names) > 0 DESC
    LIMIT 1 FOR UPDATE;`;

/** \`v_names\`: the names of \`v_row\` and of this request, 16 at most. */
const NAMES = `
  v_names := v_row.names;
  FOREACH v_name IN ARRAY ARRAY[substr(p_body, 1, 8), p_id] LOOP
    IF v_name <> substr(v_row.key, 1, 8) AND position(v_name IN v_names) = 0 AND length(v_names) < 128 THEN
      v_names := v_names || v_name;
    END IF;
  END LOOP;`;

export function claimFunction({ deliveries, claim }: PostgresNames): string {
  return `CREATE OR REPLACE FUNCTION ${claim}(
  p_call bytea, p_body bytea, p_id bytea, p_by_call boolean, p_handlers bytea, p_token uuid,
  p_lease double precision, p_retention double precision, p_wait double precision
) RETURNS TABLE (o_status text, o_key bytea, o_fence bigint, o_finished bytea, o_retry_after double precision)
LANGUAGE plpgsql AS $function$
DECLARE${DECLARE}
  v_left boolean := false;
BEGIN${BEGIN}${LOCK}
  -- A sixteenth longer than asked for, so that ending the claim need not change it.
  v_until := v_now + GREATEST(p_retention * 17 / 16, p_lease) * v_ms;${find(deliveries, 'p_by_call')}
  IF NOT FOUND THEN
    INSERT INTO ${deliveries} AS d (call, key, names, token, lease_until, fence, expires_at)
      VALUES (p_call, p_body, p_id, p_token, v_now + p_lease * v_ms,
        floor(EXTRACT(epoch FROM v_now) * 1000), v_until)
      -- One that has expired.
      ON CONFLICT (call, key) DO UPDATE SET names = EXCLUDED.names, finished = '', token = EXCLUDED.token,
        lease_until = EXCLUDED.lease_until, fence = GREATEST(d.fence + 1, EXCLUDED.fence),
        expires_at = EXCLUDED.expires_at
      RETURNING d.fence INTO o_fence;
    RETURN QUERY SELECT 'claimed', p_body, o_fence, ''::bytea, 0::double precision;
    RETURN;
  END IF;
  FOR i IN 0 .. v_count - 1 LOOP
    v_left := v_left OR position(substr(p_handlers, i * 8 + 1, 8) IN v_row.finished) = 0;
  END LOOP;${NAMES}
  IF NOT v_left OR (v_row.token <> p_token AND v_row.lease_until > v_now) THEN
    IF v_names <> v_row.names THEN
      UPDATE ${deliveries} AS d SET names = v_names WHERE d.call = p_call AND d.key = v_row.key;
    END IF;
    RETURN QUERY SELECT CASE WHEN v_left THEN 'in_progress' ELSE 'completed' END, v_row.key, v_row.fence,
      v_row.finished,
      GREATEST(1, ceil(EXTRACT(epoch FROM v_row.lease_until - v_now) * 1000))::double precision;
    RETURN;
  END IF;
  o_fence := GREATEST(v_row.fence + 1, floor(EXTRACT(epoch FROM v_now) * 1000));
  UPDATE ${deliveries} AS d SET names = v_names, token = p_token, lease_until = v_now + p_lease * v_ms,
    fence = o_fence, expires_at = v_until
    WHERE d.call = p_call AND d.key = v_row.key;
  RETURN QUERY SELECT 'claimed', v_row.key, o_fence, v_row.finished, 0::double precision;
END
$function$;`;
}

/** Steps: 'renew', with a lease as the span; 'record' and 'end', with a retention. */
export function progressFunction({ deliveries, progress }: PostgresNames): string {
  return `CREATE OR REPLACE FUNCTION ${progress}(
  p_call bytea, p_body bytea, p_id bytea, p_token uuid, p_fence bigint, p_step text,
  p_span double precision, p_handlers bytea, p_wait double precision
) RETURNS boolean
LANGUAGE plpgsql AS $function$
DECLARE${DECLARE}
  v_is_owner boolean;
BEGIN${BEGIN}
  v_now := clock_timestamp();
  -- The delivery as it was claimed; else, if it was forgotten, as others may know it by now.
  SELECT * INTO v_row FROM ${deliveries} AS d
    WHERE d.call = p_call AND d.key = p_body AND d.expires_at > v_now FOR UPDATE;
  IF NOT FOUND THEN${LOCK}${find(deliveries, 'false')}
    IF NOT FOUND THEN
      INSERT INTO ${deliveries} AS d (call, key, names, fence, expires_at)
        VALUES (p_call, p_body, p_id, p_fence, v_now)
        ON CONFLICT (call, key) DO UPDATE SET names = EXCLUDED.names, finished = '', token = NULL,
          lease_until = NULL, fence = GREATEST(d.fence, EXCLUDED.fence)
        RETURNING * INTO v_row;
    END IF;
  END IF;
  v_is_owner := v_row.token IS NULL OR v_row.token = p_token;
  IF p_step = 'renew' AND NOT v_is_owner THEN
    RETURN false;
  END IF;${NAMES}
  FOR i IN 0 .. v_count - 1 LOOP
    v_handler := substr(p_handlers, i * 8 + 1, 8);
    IF position(v_handler IN v_row.finished) = 0 THEN
      v_new := v_new || v_handler;
    END IF;
  END LOOP;
  v_until := v_now + p_span * v_ms;
  IF p_step = 'renew' THEN
    v_row.token := p_token;
    v_row.lease_until := v_until;
    v_row.expires_at := GREATEST(v_row.expires_at, v_until);
  ELSE
    -- A finished handler counts even if another owner holds the delivery.
    IF p_step = 'end' AND v_is_owner THEN
      v_row.token := NULL;
      v_row.lease_until := NULL;
    END IF;
    IF NOT v_is_owner THEN
      v_row.expires_at := GREATEST(v_row.expires_at, v_until);
    ELSIF v_row.expires_at NOT BETWEEN v_until AND v_until + p_span / 8 * v_ms THEN
      v_row.expires_at := GREATEST(v_until, v_row.lease_until);
    END IF;
  END IF;
  UPDATE ${deliveries} AS d SET token = v_row.token, lease_until = v_row.lease_until, names = v_names,
    finished = v_row.finished || v_new, fence = GREATEST(v_row.fence, p_fence), expires_at = v_row.expires_at
    WHERE d.call = p_call AND d.key = v_row.key;
  RETURN v_is_owner;
END
$function$;`;
}
