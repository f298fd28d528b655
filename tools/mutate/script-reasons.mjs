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
};
