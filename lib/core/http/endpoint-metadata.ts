/** Marks a method that takes deliveries. */
interface EndpointMark {
  /** Name of the endpoint. */
  readonly endpoint: string;
  /** Whether it is the built-in endpoint, rather than a controller of the app. */
  readonly isBuiltIn: boolean;
}

/**
 * One entry for each class, on its prototype. Not on the functions: a decorator above ours may replace the method's
 * function.
 */
const KEY = 'revrag-webhook:endpoints';

type Marks = ReadonlyMap<string | symbol, EndpointMark>;

const ownMarksOf = (prototype: object): Marks | undefined =>
  Reflect.getOwnMetadata(KEY, prototype) as Marks | undefined;

/** Names the endpoint of a route. Does not verify: guard or receiver do. */
export const BelongsToEndpoint =
  (endpoint: string, isBuiltIn = false): MethodDecorator =>
  (prototype, method) => {
    const marks = new Map(ownMarksOf(prototype)).set(method, { endpoint, isBuiltIn });
    Reflect.defineMetadata(KEY, marks, prototype);
  };

/** The mark of a method. An overriding method has only its own. */
export function endpointMarkOf(
  prototype: object,
  method: string | symbol,
): EndpointMark | undefined {
  let owner: object | null = prototype;
  while (owner && !Object.hasOwn(owner, method)) owner = Object.getPrototypeOf(owner) as object;
  return owner ? ownMarksOf(owner)?.get(method) : undefined;
}

/** The mark of the method that has this function, whatever decorators made of it. */
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
