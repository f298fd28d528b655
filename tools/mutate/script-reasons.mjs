/** Changes of scripts that may stay unnoticed: the line of each, what was there and what it becomes; and why. */
export const SCRIPT_REASONS = {};
