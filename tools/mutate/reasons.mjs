/**
 * Mutants that may stay unnoticed, and why. `kept` has the first line of each, what was there, and what it becomes.
 *
 * Kinds: `speed`, the result is the same and comes later; `unread`, nothing reads the value; `same`, another way to
 * write the same; `load`, no test file can be loaded, which StrykerJS does not count.
 */
const KEPT = [
  {
    file: 'lib/core/delivery/endpoint-registry.ts',
    kind: 'same',
    why: 'both paths are changed alike before they are compared, and no path has an empty segment',
    kept: [
      "const shapeOf = (path: string): string => path.replace(/:\\w+/g, ':').toLowerCase(); | path.replace(/:\\w+/g, ':').toLowerCase() → path.replace(/:\\w+/g, ':').toUpperCase()",
      `const shapeOf = (path: string): string => path.replace(/:\\w+/g, ':').toLowerCase(); | ':' → ""`,
    ],
  },
  {
    file: 'lib/core/common/bounded-wait.ts',
    kind: 'same',
    why: 'eras are only compared for equality',
    kept: ['this.era += 1; | this.era += 1 → this.era -= 1'],
  },
  {
    file: 'lib/core/common/timeouts.ts',
    kind: 'same',
    why: 'it is set while there are waits, which the compiler does not know',
    kept: ['this.clearTimer?.(); | this.clearTimer?.() → this.clearTimer()'],
  },
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
    file: 'lib/core/delivery/answer.ts',
    kind: 'same',
    why: 'the compiler proves that nothing comes here',
    kept: ['default: | default: return outcome satisfies never; → default:'],
  },
  {
    file: 'lib/core/delivery/conflicts.ts',
    kind: 'same',
    why: 'any text that is no digest',
    kept: ["const REPORTED = ''; | '' → \"Stryker was here!\""],
  },
  {
    file: 'lib/core/delivery/outcome-log.ts',
    kind: 'same',
    why: 'the other outcomes have no error',
    kept: [
      "const error = outcome.status === 'refused' ? outcome.error : undefined; | outcome.status === 'refused' → true",
    ],
  },
  {
    file: 'lib/core/delivery/run.ts',
    kind: 'unread',
    why: 'set before anything reads it',
    kept: ['const NOTHING: Results = []; | [] → ["Stryker was here"]'],
  },
  {
    file: 'lib/core/delivery/run.ts',
    kind: 'same',
    why: 'it is set by then, which the compiler does not know',
    kept: [
      'return this.handlerIds.filter((_id, index) => this.results[index]?.status === status); | this.results[index]?.status → this.results[index].status',
    ],
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
    file: 'lib/core/common/bounded-map.ts',
    kind: 'same',
    why: 'false and undefined both keep nothing',
    kept: [
      'private readonly mustStay: (value: V) => boolean = () => false, | () => false → () => undefined',
    ],
  },
  {
    file: 'lib/core/common/bounded-map.ts',
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
    file: 'lib/core/handlers/decorated-methods.ts',
    kind: 'speed',
    why: 'the object of a class has the same prototype',
    kept: [
      'if (isClassProvider(wrapper)) return withMethods((wrapper.metatype as Type).prototype as object); | isClassProvider(wrapper) → false',
    ],
  },
  {
    file: 'lib/core/handlers/decorated-methods.ts',
    kind: 'same',
    why: 'nothing has no methods, which the compiler does not know',
    kept: ['if (!prototype) return undefined; | !prototype → false'],
  },
  {
    file: 'lib/core/handlers/handler.dispatcher.ts',
    kind: 'same',
    why: 'a default that is missing is undefined',
    kept: [
      'if (isObservable(returned)) await lastValueFrom(returned, { defaultValue: undefined }); | { defaultValue: undefined } → {}',
    ],
  },
  {
    file: 'lib/core/handlers/handler.explorer.ts',
    kind: 'speed',
    why: 'the loop that follows finds all modules explored',
    kept: [
      'if (this.modules.size === this.explored.size) return this.found; | this.modules.size === this.explored.size → false',
    ],
  },
  {
    file: 'lib/core/handlers/handler.explorer.ts',
    kind: 'same',
    why: 'no instance is undefined, as that of the other one would be',
    kept: [
      "if ('instance' in one.source && 'instance' in other.source) { | 'instance' in one.source && 'instance' in other.source → 'instance' in one.source || 'instance' in other.source",
    ],
  },
  {
    file: 'lib/core/handlers/method-metadata.ts',
    kind: 'same',
    why: 'any key does',
    kept: [`const KEY = 'revrag-webhook:methods'; | 'revrag-webhook:methods' → ""`],
  },
  {
    file: 'lib/core/handlers/observers.ts',
    kind: 'speed',
    why: 'spares a report that nobody gets',
    kept: [
      'get isEmpty(): boolean { | { return this.all().length === 0; } → {}',
      'return this.all().length === 0; | this.all().length === 0 → false',
    ],
  },
  {
    file: 'lib/core/handlers/provider-wrapper.ts',
    kind: 'same',
    why: 'each wrapper has a host with its class, which the compiler does not know',
    kept: [
      'const module = host?.metatype && host.providers.get(host.metatype); | host?.metatype → host.metatype',
      'return module?.initTime !== undefined && !wrapper.isDependencyTreeStatic(); | module?.initTime → module.initTime',
    ],
  },
  {
    file: 'lib/core/handlers/provider-wrapper.ts',
    kind: 'same',
    why: 'for the moment in which Nest links dependencies: asking it for scopes then would make it keep a wrong answer',
    kept: [
      'return module?.initTime !== undefined && !wrapper.isDependencyTreeStatic(); | module?.initTime !== undefined → true',
    ],
  },
  {
    file: 'lib/core/handlers/variables-misfit.ts',
    kind: 'same',
    why: 'class-validator always gives children, whatever its types say',
    kept: [
      'return errors.flatMap(({ target, property, constraints = {}, children = [] }) => { | [] → ["Stryker was here"]',
    ],
  },
  {
    file: 'lib/core/handlers/variables-reader.ts',
    kind: 'same',
    why: 'no validation schema of class-validator is asked for; without groups, all decorators count anyway',
    kept: [
      `if (getMetadataStorage().getTargetValidationMetadatas(schema, '', false, false).length === 0) { | '' → "Stryker was here!"`,
      `if (getMetadataStorage().getTargetValidationMetadatas(schema, '', false, false).length === 0) { | false → true`,
    ],
  },
  {
    file: 'lib/core/handlers/variables-reader.ts',
    kind: 'same',
    why: 'an instance that could not be made is not valid either',
    kept: [
      "} catch { | { // The error's own message may quote a value. throw misfit(target.name, ['they cannot be converted']); } → {}",
    ],
  },
  {
    file: 'lib/core/module/resolve-options.ts',
    kind: 'same',
    why: 'the second of one text is undefined as well',
    kept: [
      'const [, amount, unit = \'b\'] = /^(\\d+(?:\\.\\d+)?) ?([kmg]?b)?$/i.exec(value) ?? []; | [] → ["Stryker was here"]',
    ],
  },
  {
    file: 'lib/core/module/revrag-core.module.ts',
    kind: 'same',
    why: 'the root is at 1, and comes first among modules of one distance',
    kept: ['if (module.metatype === RevragCoreModule) module.distance = -1; | -1 → +1'],
  },
  {
    file: 'lib/core/module/revrag-webhook.module.ts',
    kind: 'same',
    why: 'it is set by then, which the compiler does not know',
    kept: ['await this.store?.close?.(); | this.store?.close → this.store.close'],
  },
  {
    file: 'lib/core/module/seal-options.ts',
    kind: 'same',
    why: 'a class has another `provide` than the token as well',
    kept: [
      `if (typeof provider === 'function' || provider.provide !== MODULE_OPTIONS_TOKEN) return provider; | 'function' → ""`,
      "if (typeof provider === 'function' || provider.provide !== MODULE_OPTIONS_TOKEN) return provider; | typeof provider === 'function' → false",
    ],
  },
  {
    file: 'lib/core/module/seal-options.ts',
    kind: 'same',
    why: "Nest's builder always gives providers, whatever its types say",
    kept: [
      'export const sealOptions = (providers: readonly Provider[] = []): Provider[] => providers.map(seal); | [] → ["Stryker was here"]',
    ],
  },
  {
    file: 'lib/opentelemetry/otel-telemetry.ts',
    kind: 'same',
    why: 'the SDK leaves undefined out of spans, although its API does not promise that',
    kept: [
      '...(run.jobId !== undefined && { [names.MESSAGE_ID]: run.jobId }), | run.jobId !== undefined → true',
      'Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)); | Object.entries(attributes).filter(([, value]) => value !== undefined) → Object.entries(attributes)',
      'Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)); | value !== undefined → true',
    ],
  },
  {
    file: 'lib/core/http/fastify-platform.ts',
    kind: 'speed',
    why: 'Fastify then copies the headers for each access',
    kept: [
      'request[HIDDEN] = { added: headers === request.raw.headers ? undefined : headers }; | headers === request.raw.headers → false',
    ],
  },
  {
    file: 'lib/core/http/path-pattern.ts',
    kind: 'speed',
    why: 'plain text is read a character at a time',
    kept: [
      'const TOKEN = /([:*])([\\p{ID_Start}$_][\\p{ID_Continue}$]*)|\\\\(.)|([{}])|([^\\\\:*{}()[\\]+?!]+)/gsuy; | ' +
        '/([:*])([\\p{ID_Start}$_][\\p{ID_Continue}$]*)|\\\\(.)|([{}])|([^\\\\:*{}()[\\]+?!]+)/gsuy → ' +
        '/([:*])([\\p{ID_Start}$_][\\p{ID_Continue}$]*)|\\\\(.)|([{}])|([^\\\\:*{}()[\\]+?!])/gsuy',
    ],
  },
  {
    file: 'lib/core/http/read-body.ts',
    kind: 'speed',
    why: 'without a declared length, the buffer grows in smaller steps',
    kept: [`const declared = Number(request.headers['content-length']); | 'content-length' → ""`],
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
    file: 'lib/core/http/check-guard.ts',
    kind: 'same',
    why: 'a text is no guard',
    kept: ['return (guards ?? []).some( | [] → ["Stryker was here"]'],
  },
  {
    file: 'lib/swagger/answers.ts',
    kind: 'load',
    why: 'the table of answers is made when the module is loaded',
    kept: [
      'function byStatus(names: Readonly<Record<string, number>>): [status: number, names: string[]][] { | { const statuses = [...new Set(Object.values(names))]; return statuses.map(status => [status, Object.keys(names).filter(it => names[it] === status)]); } → {}',
      'return statuses.map(status => [status, Object.keys(names).filter(it => names[it] === status)]); | status => [status, Object.keys(names).filter(it => names[it] === status)] → () => undefined',
    ],
  },
  {
    file: 'lib/swagger/answers.ts',
    kind: 'same',
    why: 'each status has a description, which the compiler does not know',
    kept: ["description: DESCRIPTIONS[status] ?? '', | '' → \"Stryker was here!\""],
  },
  {
    file: 'lib/testing/deliver.ts',
    kind: 'same',
    why: 'to connect to 0.0.0.0 or :: leads to this machine on Linux, but not on Windows',
    kept: [
      "address.address === '::' || address.address === '0.0.0.0' → address.address === '::' && address.address === '0.0.0.0'",
      "address.address === '::' || address.address === '0.0.0.0' → false",
      "address.address === '::' → false",
      "address.address === '0.0.0.0' → false",
      `'::' → ""`,
      `'0.0.0.0' → ""`,
    ].map(
      change =>
        `const isAny = address.address === '::' || address.address === '0.0.0.0'; | ${change}`,
    ),
  },
  {
    file: 'lib/testing/deliver.ts',
    kind: 'same',
    why: "Node takes '' for localhost",
    kept: [
      `return { host: isAny ? 'localhost' : address.address, port: address.port }; | 'localhost' → ""`,
    ],
  },
  {
    file: 'lib/testing/delivery.ts',
    kind: 'same',
    why: "Node takes '' for UTF-8",
    kept: [`rawBody = Buffer.from(JSON.stringify(callEnded()), 'utf8'), | 'utf8' → ""`],
  },
  {
    file: 'lib/cli/verify/diagnose.ts',
    kind: 'unread',
    why: 'the payload is checked without id and endpoint, and a type that is missing is that of no class',
    kept: [
      `const { [WEBHOOK_HEADERS.id]: id = '', [WEBHOOK_HEADERS.event]: type = '' } = headers; | '' → "Stryker was here!"`,
      `const verified = new VerifiedDelivery(id, type, new Date(0), '', body); | '' → "Stryker was here!"`,
    ],
  },
  {
    file: 'lib/cli/verify/diagnose.ts',
    kind: 'same',
    why: 'the parser throws nothing else',
    kept: [
      'if (!(error instanceof RevragPayloadError)) throw error; | !(error instanceof RevragPayloadError) → false',
    ],
  },
  {
    file: 'lib/cli/verify/diagnose.ts',
    kind: 'same',
    why: 'undefined is not above 0, which the compiler does not know',
    kept: [
      '...(match !== undefined && match > 0 ? [otherSecret(match, secrets.length)] : []), | match !== undefined → true',
    ],
  },
  {
    file: 'lib/cli/verify/diagnose.ts',
    kind: 'same',
    why: 'no digest is made with either text for a timestamp',
    kept: [`{ timestamp = '', digests }: LooseHead, | '' → "Stryker was here!"`],
  },
  {
    file: 'lib/cli/verify/prove.ts',
    kind: 'same',
    why: 'no digest is made with either text for a timestamp',
    kept: [
      `{ timestamp = '', signed, digests }: LooseHead, | '' → "Stryker was here!"`,
      'if (signed !== undefined) { | signed !== undefined → true',
    ],
  },
  {
    file: 'lib/cli/verify/prove.ts',
    kind: 'speed',
    why: 'nothing matches no digest',
    kept: ['if (digests.length === 0) return []; | digests.length === 0 → false'],
  },
  {
    file: 'lib/cli/verify/prove.ts',
    kind: 'same',
    why: "Node takes '' for UTF-8",
    kept: [`const keys = secrets.map(secret => Buffer.from(secret, 'utf8')); | 'utf8' → ""`],
  },
];

const reasons = new Map(
  KEPT.flatMap(({ file, kind, why, kept }) => kept.map(key => [`${file} ${key}`, { kind, why }])),
);

/** Why a mutant may stay; undefined if no reason is given. */
export const reasonFor = (file, key) => reasons.get(`${file} ${key}`);
