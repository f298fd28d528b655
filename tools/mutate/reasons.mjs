/** Mutants that may stay unnoticed: by file, the first line of each, what was there and what it becomes; and why. */
export const REASONS = {};
