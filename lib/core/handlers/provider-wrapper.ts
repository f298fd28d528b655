import { Scope, type Type } from '@nestjs/common';
import { ModuleRef, type DiscoveryService } from '@nestjs/core';

/** A provider or controller, as Nest keeps it. */
export type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

type Module = NonNullable<Wrapper['host']>;

/** How to get the object that has the method. */
export type HandlerSource =
  | { readonly instance: object }
  /** Resolved for each delivery, or by the app's strategy if it is durable. */
  | { readonly moduleRef: ModuleRef; readonly token: Type; readonly isDurable: boolean };

/** Whether Nest makes the object from a class, rather than a factory or a value. */
export const isClassProvider = (wrapper: Wrapper): boolean =>
  !wrapper.inject && typeof wrapper.metatype === 'function';

export const isPerContext = (wrapper: Wrapper): boolean =>
  wrapper.scope === Scope.TRANSIENT || !wrapper.isDependencyTreeStatic();

/**
 * Whether Nest has constructed the object. While a module is loading, its placeholder has not been through a
 * constructor, and asking for scopes would make Nest cache a wrong answer.
 */
export function isConstructed(wrapper: Wrapper): boolean {
  const { metatype, initTime, host } = wrapper;
  const isValue = !metatype;
  if (isValue || initTime !== undefined) return true;
  // A scoped provider is not constructed at boot; wait for its module, which comes after all imports.
  const module = host?.metatype && host.providers.get(host.metatype);
  return module?.initTime !== undefined && !wrapper.isDependencyTreeStatic();
}

export function sourceOf(wrapper: Wrapper): HandlerSource {
  if (!isPerContext(wrapper)) return { instance: wrapper.instance as object };
  // Each module has its own ModuleRef, which resolves what that module provides.
  const moduleRef = (wrapper.host as Module).providers.get(ModuleRef)?.instance as ModuleRef;
  const isDurable = wrapper.isDependencyTreeDurable();
  return { moduleRef, token: wrapper.token as Type, isDurable };
}
