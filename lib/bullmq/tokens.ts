/** The module's options, checked and with their defaults. */
export const BULL_OPTIONS = Symbol('RevragBullOptions');

/** BullMQ's `Queue`. */
export const EVENT_QUEUE = Symbol('RevragEventQueue');
