/** What says that a method takes deliveries. */
export interface EndpointMark {
  /** Name of the endpoint. */
  readonly endpoint: string;
  /** Whether it is the endpoint's own controller, rather than one of the app's. */
  readonly isBuiltIn: boolean;
}

/**
 * One entry for each class, on its prototype. Not on the functions: a decorator above ours may put
 * another function in the place of the method.
 */
const KEY = 'revrag-webhook:endpoints';

type Marks = ReadonlyMap<string | symbol, EndpointMark>;

const ownMarksOf = (prototype: object): Marks | undefined =>
  Reflect.getOwnMetadata(KEY, prototype) as Marks | undefined;

/** Only names the endpoint a route belongs to; verifying is left to whoever asks for it. */
export const BelongsToEndpoint =
  (endpoint: string, isBuiltIn = false): MethodDecorator =>
  (prototype, method) => {
    const marks = new Map(ownMarksOf(prototype)).set(method, { endpoint, isBuiltIn });
    Reflect.defineMetadata(KEY, marks, prototype);
  };

/** The mark of a method; one that a subclass overrides has that of the subclass alone. */
export function endpointMarkOf(
  prototype: object,
  method: string | symbol,
): EndpointMark | undefined {
  let owner: object | null = prototype;
  while (owner && !Object.hasOwn(owner, method)) owner = Object.getPrototypeOf(owner) as object;
  return owner ? ownMarksOf(owner)?.get(method) : undefined;
}

/** The mark of the method that a function is registered as, whatever decorators made of it. */
export function endpointMarkOfHandler(
  prototype: object,
  handler: object,
): EndpointMark | undefined {
  let owner: object | null = prototype;
  for (; owner; owner = Object.getPrototypeOf(owner) as object | null) {
    for (const [method, mark] of ownMarksOf(owner) ?? []) {
      if ((owner as Record<string | symbol, unknown>)[method] === handler) return mark;
    }
  }
  return undefined;
}
