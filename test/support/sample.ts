import { readFileSync } from 'node:fs';

/** The provider's own sample payload, byte for byte as its page prints it. */
export const SAMPLE = readFileSync(new URL('../fixtures/call-ended.json', import.meta.url));
