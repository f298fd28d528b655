import { UseGuards } from '@nestjs/common';
import {
  RevragConfigurationError,
  RevragEndpoint,
  RevragSignatureGuard,
} from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import { checkGuard } from '../../../../lib/core/http/check-guard.js';
import {
  BelongsToEndpoint,
  endpointMarkOf,
  endpointMarkOfHandler,
} from '../../../../lib/core/http/endpoint-metadata.js';

const symbol = Symbol('method');

/** Puts another function in the place of a method, as agents and tracing decorators do. */
const Replaces: MethodDecorator = (_target, _method, descriptor) => {
  descriptor.value = (() => 'other') as never;
};

class Base {
  @BelongsToEndpoint('a')
  one() {
    return 1;
  }

  @Replaces
  @BelongsToEndpoint('b', true)
  two() {
    return 2;
  }

  @BelongsToEndpoint('c')
  [symbol]() {
    return 3;
  }

  none() {
    return 4;
  }
}

class Derived extends Base {
  override one() {
    return 5;
  }

  @BelongsToEndpoint('d')
  four() {
    return 6;
  }
}

describe('the mark of a method', () => {
  const marks = (of: typeof Base, methods: (string | symbol)[]) =>
    methods.map(method => endpointMarkOf(of.prototype, method)?.endpoint);

  it('is its own, for each of several', () => {
    expect(marks(Base, ['one', 'two', symbol, 'none', 'absent'])).toEqual([
      'a',
      'b',
      'c',
      undefined,
      undefined,
    ]);
    expect(endpointMarkOf(Base.prototype, 'one')).toEqual({ endpoint: 'a', isBuiltIn: false });
    expect(endpointMarkOf(Base.prototype, 'two')).toEqual({ endpoint: 'b', isBuiltIn: true });
  });

  it('is inherited, but not by a method that overrides it', () => {
    expect(marks(Derived, ['one', 'two', 'four'])).toEqual([undefined, 'b', 'd']);
    expect(marks(Base, ['four'])).toEqual([undefined]);
  });

  it('is found by the function that the router has, whatever became of it [pitfall 38]', () => {
    const functionOf = (method: string | symbol, of: object = Derived.prototype) =>
      Reflect.get(of, method) as object;
    const found = (handler: object) => endpointMarkOfHandler(Derived.prototype, handler)?.endpoint;
    expect(['two', symbol, 'four'].map(method => found(functionOf(method)))).toEqual([
      'b',
      'c',
      'd',
    ]);
    expect([functionOf('one'), functionOf('none'), () => 1].map(found)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(found(functionOf('one', Base.prototype))).toBe('a');
  });
});

describe('a method that takes deliveries', () => {
  class Stricter extends RevragSignatureGuard {}
  class Other {
    canActivate = () => true;
  }

  class Guarded {
    @RevragEndpoint()
    byEndpoint() {
      return 1;
    }

    @UseGuards(Other, Stricter)
    bySubclass() {
      return 1;
    }

    @UseGuards(new RevragSignatureGuard({} as never))
    byInstance() {
      return 1;
    }

    @Replaces
    @RevragEndpoint()
    lost() {
      return 1;
    }

    @UseGuards(Other, new Other())
    other() {
      return 1;
    }
  }

  @UseGuards(RevragSignatureGuard)
  class AllGuarded {
    any() {
      return 1;
    }
  }

  it.each(['byEndpoint', 'bySubclass', 'byInstance'])('may be guarded %s', method => {
    expect(() => checkGuard(Guarded, method)).not.toThrow();
  });

  it('may be guarded by its class', () => {
    expect(() => checkGuard(AllGuarded, 'any')).not.toThrow();
  });

  it.each(['lost', 'other'])('must not be without the guard: %s [pitfall 38]', method => {
    const check = () => checkGuard(Guarded, method);
    expect(check).toThrow(RevragConfigurationError);
    expect(check).toThrow(`Guarded.${method} has lost the guard of @RevragEndpoint()`);
  });
});
