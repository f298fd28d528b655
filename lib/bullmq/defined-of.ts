/** The properties of an object that are not undefined, as options that come from a configuration may be. */
export const definedOf = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
