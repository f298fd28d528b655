/**
 * Mutants that may stay unnoticed, and why. `kept` has the first line of each, what was there, and what it becomes.
 *
 * Kinds: `speed`, the result is the same and comes later; `unread`, nothing reads the value; `same`, another way to
 * write the same; `load`, no test file can be loaded, which StrykerJS does not count.
 */
const KEPT = [
  {
    file: 'lib/core/signature/headers.ts',
    kind: 'unread',
    why: 'the command line, which alone gives no request, does not ask for a secret',
    kept: [
      "const NOTHING_ASKED: SecretRequest = { endpoint: '', params: {}, headers: {} }; | { endpoint: '', params: {}, headers: {} } → {}",
      `const NOTHING_ASKED: SecretRequest = { endpoint: '', params: {}, headers: {} }; | '' → "Stryker was here!"`,
    ],
  },
  {
    file: 'lib/core/signature/headers.ts',
    kind: 'speed',
    why: 'the search that follows finds the same header',
    kept: [
      'if (Object.hasOwn(record, name)) return record[name]; | Object.hasOwn(record, name) → false',
    ],
  },
  {
    file: 'lib/core/signature/key-ring.ts',
    kind: 'unread',
    why: 'read only once it is set',
    kept: [
      'private askedAt = -Infinity; | -Infinity → +Infinity',
      'private answeredAt = -Infinity; | -Infinity → +Infinity',
    ],
  },
  {
    file: 'lib/core/signature/secret-keys.ts',
    kind: 'speed',
    why: 'spares a forged delivery the digest of the cache key; there are no newer keys either way',
    kept: ['if (this.#fixed) return undefined; | this.#fixed → false'],
  },
  {
    file: 'lib/core/signature/scheme.ts',
    kind: 'same',
    why: "Node takes '' for UTF-8",
    kept: [
      `export const signingKey = (secret: string): SigningKey => createSecretKey(secret, 'utf8'); | 'utf8' → ""`,
    ],
  },
  {
    file: 'lib/core/signature/signature-verifier.ts',
    kind: 'same',
    why: "Node takes '' for UTF-8",
    kept: [`if (typeof rawBody === 'string') return Buffer.from(rawBody, 'utf8'); | 'utf8' → ""`],
  },
  {
    file: 'lib/core/events/decode-utf8.ts',
    kind: 'speed',
    why: 'both ways make the same text (decision 31)',
    kept: [
      'bytes.length < LARGE || isAscii(bytes) || !isUtf8(bytes) → true',
      'bytes.length < LARGE || isAscii(bytes) → false',
      'bytes.length < LARGE || isAscii(bytes) → bytes.length < LARGE && isAscii(bytes)',
      'bytes.length < LARGE → false',
      'bytes.length < LARGE → bytes.length <= LARGE',
      'bytes.length < LARGE → bytes.length >= LARGE',
    ].map(
      change =>
        `if (bytes.length < LARGE || isAscii(bytes) || !isUtf8(bytes)) return bytes.toString('utf8'); | ${change}`,
    ),
  },
  {
    file: 'lib/core/events/decode-utf8.ts',
    kind: 'same',
    why: "Node takes '' for UTF-8",
    kept: [`return transcode(bytes, 'utf8', 'ucs2').toString('ucs2'); | 'utf8' → ""`],
  },
  {
    file: 'lib/core/events/hazards.ts',
    kind: 'speed',
    why: 'a list is walked as an object is, with a text made of each index',
    kept: [
      'if (Array.isArray(value)) { | Array.isArray(value) → false',
      'if (Array.isArray(value)) { | { for (const item of value) { const hazard = findHazard(item, depth + 1); if (hazard) return hazard; } return undefined; } → {}',
    ],
  },
  {
    file: 'lib/core/events/parse-json.ts',
    kind: 'same',
    why: 'newer engines alone add line and column, and none quotes enough of a payload to hold the phrase',
    kept: [
      '/ in JSON at position (\\d+)(?: \\(line \\d+ column \\d+\\))?/',
      '/ in JSON at position (\\d+)(?: \\(line \\d column \\d+\\))?$/',
      '/ in JSON at position (\\d+)(?: \\(line \\D+ column \\d+\\))?$/',
      '/ in JSON at position (\\d+)(?: \\(line \\d+ column \\d\\))?$/',
      '/ in JSON at position (\\d+)(?: \\(line \\d+ column \\D+\\))?$/',
    ].map(
      regexp =>
        'const POSITION = / in JSON at position (\\d+)(?: \\(line \\d+ column \\d+\\))?$/; | ' +
        `/ in JSON at position (\\d+)(?: \\(line \\d+ column \\d+\\))?$/ → ${regexp}`,
    ),
  },
  {
    file: 'lib/core/delivery/in-flight.ts',
    kind: 'same',
    why: 'it is set by then, which the compiler does not know',
    kept: ['for (const work of left) work.expire?.(); | work.expire?.() → work.expire()'],
  },
  {
    file: 'lib/core/delivery/endpoint-registry.ts',
    kind: 'same',
    why: 'no group is empty',
    kept: [
      'const group = groups.find(([first]) => first?.verifier.sharesSecretWith(endpoint.verifier)); | first?.verifier → first.verifier',
    ],
  },
  {
    file: 'lib/core/delivery/webhook-receiver.ts',
    kind: 'same',
    why: 'it is undefined anyway',
    kept: ['if (request) VerifiedDelivery.setRequest(delivery, request); | request → true'],
  },
  {
    file: 'lib/core/delivery/webhook-receiver.ts',
    kind: 'same',
    why: 'the parser throws nothing else',
    kept: [
      'if (error instanceof RevragPayloadError) await this.parts.rejected.offer(delivery, error); | error instanceof RevragPayloadError → true',
    ],
  },
  {
    file: 'lib/core/delivery/claims.ts',
    kind: 'same',
    why: 'a claim that ends is held',
    kept: [
      'const others = this.held.get(call)?.filter(other => other !== claim) ?? []; | this.held.get(call)?.filter → this.held.get(call).filter',
    ],
  },
  {
    file: 'lib/core/idempotency/memory-idempotency-store.ts',
    kind: 'same',
    why: 'only memory shows whether a list is shared',
    kept: ['if (known) return known; | known → false'],
  },
  {
    file: 'lib/core/delivery/announcements.ts',
    kind: 'same',
    why: 'false and undefined both keep nothing',
    kept: [
      'private readonly announced = new Generations<true>(MAX_REMEMBERED, () => false); | () => false → () => undefined',
    ],
  },
  {
    file: 'lib/core/idempotency/generations.ts',
    kind: 'speed',
    why: 'spares a search in an empty map',
    kept: [
      'if (young !== undefined || this.old.size === 0) return young; | this.old.size === 0 → false',
    ],
  },
  {
    file: 'lib/core/idempotency/memory-idempotency-store.ts',
    kind: 'same',
    why: 'only differences of times are read',
    kept: [
      'this.now = () => Math.floor(now() - startedAt); | now() - startedAt → now() + startedAt',
    ],
  },
  {
    file: 'lib/core/idempotency/memory-idempotency-store.ts',
    kind: 'same',
    why: "what is not 'call' is 'delivery'",
    kept: [`const entry = this.find(first, 'delivery') ?? this.create(first); | 'delivery' → ""`],
  },
  {
    file: 'lib/core/idempotency/memory-idempotency-store.ts',
    kind: 'same',
    why: 'no handler has that id',
    kept: ['const NOTHING: readonly never[] = []; | [] → ["Stryker was here"]'],
  },
  {
    file: 'lib/core/http/endpoint-routes.ts',
    kind: 'unread',
    why: 'read only once the routes are loaded',
    kept: [
      'private candidates: readonly Candidate[] = []; | [] → ["Stryker was here"]',
      'private patterns: readonly PathPattern[] = []; | [] → ["Stryker was here"]',
    ],
  },
  {
    file: 'lib/core/http/endpoint-routes.ts',
    kind: 'same',
    why: 'a text has a method `match`, too, and it matches no path',
    kept: ['const patterns: PathPattern[] = []; | [] → ["Stryker was here"]'],
  },
  {
    file: 'lib/core/http/endpoint-routes.ts',
    kind: 'same',
    why: 'a path is searched only if a route matches it',
    kept: [
      'if (!first?.route || this.shared.has(first.route)) return undefined; | first?.route → first.route',
    ],
  },
  {
    file: 'lib/core/http/endpoint-routes.ts',
    kind: 'same',
    why: 'the route at the index is of its own endpoint',
    kept: [
      '(path === own.path || (at < index && pattern?.match(own.path) !== undefined)), | at < index → at <= index',
    ],
  },
  {
    file: 'lib/core/http/request.ts',
    kind: 'same',
    why: 'a function that ends returns undefined',
    kept: ['} catch { | { return undefined; } → {}'],
  },
  {
    file: 'lib/core/http/endpoint-metadata.ts',
    kind: 'same',
    why: 'any key does, and no class has a method of that name',
    kept: [
      `const KEY = 'revrag-webhook:endpoints'; | 'revrag-webhook:endpoints' → ""`,
      'for (const [method, mark] of ownMarksOf(owner) ?? []) { | [] → ["Stryker was here"]',
    ],
  },
  {
    file: 'lib/core/http/endpoint-metadata.ts',
    kind: 'load',
    why: 'without a decorator, the test files cannot be loaded',
    kept: [
      '(endpoint: string, isBuiltIn = false): MethodDecorator => | (endpoint: string, isBuiltIn = false): MethodDecorator => (prototype, method) => { const marks = new Map(ownMarksOf(prototype)).set(method, { endpoint, isBuiltIn }); Reflect.defineMetadata(KEY, marks, prototype); } → () => undefined',
    ],
  },
  {
    file: 'lib/core/http/check-guard.ts',
    kind: 'same',
    why: 'a text is no guard',
    kept: ['return (guards ?? []).some( | [] → ["Stryker was here"]'],
  },
];

const reasons = new Map(
  KEPT.flatMap(({ file, kind, why, kept }) => kept.map(key => [`${file} ${key}`, { kind, why }])),
);

/** Why a mutant may stay; undefined if no reason is given. */
export const reasonFor = (file, key) => reasons.get(`${file} ${key}`);
