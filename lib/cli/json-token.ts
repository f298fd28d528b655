/**
 * Finds the tokens of a text that is valid JSON; of no other, as strings without an end take quadratic
 * time. In a group, so that `split()` keeps them.
 */
export const JSON_TOKEN = /("[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}:,]|[^\s"[\]{}:,]+)/g;
