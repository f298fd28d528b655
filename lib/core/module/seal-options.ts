import type { FactoryProvider, Provider } from '@nestjs/common';
import { MODULE_OPTIONS_TOKEN } from './revrag-webhook.module-definition.js';

/** Holds a value that inspecting, logging or serialising must not show. */
export class Sealed<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  open(): T {
    return this.#value;
  }
}

/** A module's providers with its options sealed, as anybody can inspect the values that Nest keeps. */
export const sealOptions = (providers: readonly Provider[] = []): Provider[] => providers.map(seal);

function seal(provider: Provider): Provider {
  if (typeof provider === 'function' || provider.provide !== MODULE_OPTIONS_TOKEN) return provider;
  if ('useValue' in provider)
    return { ...provider, useValue: new Sealed<unknown>(provider.useValue) };
  const { useFactory: create } = provider as FactoryProvider<unknown>;
  return {
    ...provider,
    useFactory: async (...args: unknown[]) => new Sealed(await create(...(args as never[]))),
  };
}
