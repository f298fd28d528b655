import { RevragConfigurationError } from 'nestjs-revrag-webhook';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  EndpointRegistry,
  type Endpoint,
} from '../../../../lib/core/delivery/endpoint-registry.js';

let registry: EndpointRegistry;
beforeEach(() => {
  registry = new EndpointRegistry();
});

interface EndpointLike {
  readonly path: string | false;
  readonly secret: string;
  readonly strict: boolean;
}

/** An endpoint; those with the same secret share it. */
function endpoint(
  name: string,
  { path = name, secret = name, strict = false }: Partial<EndpointLike> = {},
) {
  const verifier = {
    secret,
    sharesSecretWith: (other: { secret: string }) => other.secret === secret,
  };
  const all = { name, path, strict, verifier, bodyLimit: 1, bodyTimeout: 1, shutdownTimeout: 1 };
  return all as unknown as Endpoint;
}

describe('EndpointRegistry', () => {
  it('has the endpoints that were added, by name', () => {
    const [first, second] = [endpoint('first', { strict: true }), endpoint('second')];
    registry.add(first);
    registry.add(second);
    expect(registry.list()).toEqual([first, second]);
    expect(registry.get('second')).toBe(second);
    expect(['first', 'second', 'third'].map(name => registry.has(name))).toEqual([
      true,
      true,
      false,
    ]);
    expect(['first', 'second', 'third'].map(name => registry.isStrict(name))).toEqual([
      true,
      false,
      undefined,
    ]);
  });

  it('names what it has where an endpoint does not exist', () => {
    expect(() => registry.get('third')).toThrow(
      'no RevRag webhook endpoint "third"; there is none',
    );
    registry.add(endpoint('first'));
    registry.add(endpoint('second'));
    expect(() => registry.get('third')).toThrow(RevragConfigurationError);
    expect(() => registry.get('third')).toThrow('there is "first", "second"');
  });

  it('refuses a name or a path that another endpoint has, and says which', () => {
    registry.add(endpoint('other'));
    registry.add(endpoint('first', { path: 'a' }));
    expect(() => registry.add(endpoint('first', { path: 'b' }))).toThrow('the name "first"');
    expect(() => registry.add(endpoint('second', { path: 'a' }))).toThrow('the path "a"');
    expect(registry.list()).toHaveLength(2);
  });

  it.each([
    ['hooks/:agent', 'hooks/:tenant'],
    ['hooks/:agent/a', 'hooks/:tenant/A'],
    ['Hooks', 'hooks'],
  ])('refuses paths that differ only in names or letter case: %s and %s', (first, second) => {
    registry.add(endpoint('first', { path: first }));
    expect(() => registry.add(endpoint('second', { path: second }))).toThrow(
      `only in names of parameters or letter case, "${first}" and "${second}"`,
    );
    registry.add(endpoint('third', { path: `${second}/more` }));
  });

  it('takes several endpoints without a path, and one with a path', () => {
    registry.add(endpoint('first', { path: false }));
    registry.add(endpoint('second', { path: false }));
    registry.add(endpoint('third', { path: 'hooks' }));
    expect(registry.list()).toHaveLength(3);
  });

  it('groups endpoints by the secrets that they share', () => {
    for (const [name, secret] of [
      ['a', 'one'],
      ['b', 'two'],
      ['c', 'one'],
      ['d', 'three'],
      ['e', 'one'],
      ['f', 'two'],
    ] as const) {
      registry.add(endpoint(name, { secret }));
    }
    expect(registry.sharingSecrets()).toEqual([
      ['a', 'c', 'e'],
      ['b', 'f'],
    ]);
  });
});
