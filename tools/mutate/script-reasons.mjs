/** Changes of scripts that may stay unnoticed: the line of each, what was there and what it becomes; and why. */
export const SCRIPT_REASONS = {
  // Redis
  'return time[1] * 1000 + math.floor(time[2] / 1000) | 1000 → 1001':
    'same: less than a millisecond',
  'return time[1] * 1000 + math.floor(time[2] / 1000) | math.floor → math.ceil':
    'same: a millisecond',
  "if not fields['a' .. name] then new[#new + 1] = name end | not fields['a' .. name] → true":
    'speed: writes a name again that is there',
  'if owner and owner ~= token and ends > now then | > → >=': 'same: a millisecond',

  // PostgreSQL: its functions
  "PERFORM set_config('lock_timeout', ceil(p_wait)::text, true);`; | ceil → floor":
    'same: a millisecond, and waits of less than one, which no caller has',
  "PERFORM pg_advisory_xact_lock(('x' || encode(substr(p_call, 1, 8), 'hex'))::bit(64)::bigint); | 8 → 9":
    'same: the cast takes 64 bits',
  'WHERE d.call = p_call AND d.expires_at > v_now | > → >=': 'same: a microsecond',
  'position(p_id IN d.names) > 0 DESC | > → >=':
    'speed: what it sorts by is less than what it sorts',
  'RETURN; | RETURN; → (nothing)':
    'unread: adds a row to the answer, of which the first counts; speed: makes functions again that are there',
  'FOR i IN 0 .. v_count - 1 LOOP | - → +': 'same: a handler of no bytes is in every list',
  'IF NOT v_left OR (v_row.token <> p_token AND v_row.lease_until > v_now) THEN | > → >=':
    'same: a microsecond',
  'IF v_names <> v_row.names THEN | v_names <> v_row.names → true':
    'speed: writes names that are there',
  'GREATEST(1, ceil(EXTRACT(epoch FROM v_row.lease_until - v_now) * 1000))::double precision; | ceil → floor':
    'same: a millisecond',
  'GREATEST(1, ceil(EXTRACT(epoch FROM v_row.lease_until - v_now) * 1000))::double precision; | 1000 → 1001':
    'same: a thousandth of a time to wait',
  'floor(EXTRACT(epoch FROM v_now) * 1000), v_until) | floor → ceil': 'same: a millisecond',
  'o_fence := GREATEST(v_row.fence + 1, floor(EXTRACT(epoch FROM v_now) * 1000)); | floor → ceil':
    'same: a millisecond',
  'v_now := clock_timestamp(); | clock_timestamp() → now()': 'same: no lock was waited for yet',
  'v_now := clock_timestamp(); | v_now := clock_timestamp(); → (nothing)':
    'speed: takes the lock of the call as well, and finds the same delivery',
  'WHERE d.call = p_call AND d.key = p_body AND d.expires_at > v_now FOR UPDATE; | > → >=':
    'same: a microsecond',
  'WHERE d.call = p_call AND d.key = p_body AND d.expires_at > v_now FOR UPDATE; | = → <>':
    'speed: takes the lock of the call as well, and finds the same delivery',
  "IF NOT FOUND THEN${LOCK}${find(deliveries, 'false')} | NOT FOUND → true":
    'speed: takes the lock of the call as well, and finds the same delivery',
  'lease_until = NULL, fence = GREATEST(d.fence, EXCLUDED.fence) | , lease_until = NULL → (nothing)':
    'unread: the lease has ended',
  'lease_until = NULL, fence = GREATEST(d.fence, EXCLUDED.fence) | lease_until = NULL, → (nothing)':
    'unread: the lease has ended',
  'lease_until = NULL, fence = GREATEST(d.fence, EXCLUDED.fence) | GREATEST → LEAST':
    'same: the update that follows writes the greater one',
  'lease_until = NULL, fence = GREATEST(d.fence, EXCLUDED.fence) | , fence = GREATEST(d.fence, EXCLUDED.fence) → (nothing)':
    'same: the update that follows writes the greater one',

  // PostgreSQL: its tables and statements
  ') WITH (fillfactor = 90); | WITH (fillfactor = 90) → (nothing)':
    'speed: an update finds room in the page of its row',
  'ON CONFLICT (key) DO UPDATE SET expires_at = EXCLUDED.expires_at WHERE noted.expires_at <= now() | <= → <':
    'same: a microsecond',
};
