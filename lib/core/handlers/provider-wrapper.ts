import { Scope, type Type } from '@nestjs/common';
import { ModuleRef, type DiscoveryService } from '@nestjs/core';

/** A provider or controller, as Nest keeps it. */
export type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** Where the object comes from that the method is called on. */
export type HandlerSource =
  | { readonly instance: object }
  /** Made anew for each delivery, or by the app's strategy where it is durable. */
  | { readonly moduleRef: ModuleRef; readonly token: Type; readonly isDurable: boolean };

/** Made by Nest of a class, not by a factory and not given as a value. */
export const isClassProvider = (wrapper: Wrapper): boolean =>
  !wrapper.inject && typeof wrapper.metatype === 'function';

export const isPerContext = (wrapper: Wrapper): boolean =>
  wrapper.scope === Scope.TRANSIENT || !wrapper.isDependencyTreeStatic();

export const classNameOf = (prototype: object): string =>
  (prototype.constructor as Type | undefined)?.name ?? '';

/**
 * Whether Nest is done with it. While a module is being loaded, what stands for an object has not been
 * through its constructor, and asking for scopes would make Nest remember a wrong answer.
 */
export function isConstructed(wrapper: Wrapper): boolean {
  const { metatype, initTime, host } = wrapper;
  const isValue = metatype === null || metatype === undefined;
  if (isValue || initTime !== undefined) return true;
  // One with a scope is never constructed here; its module is, with all that it imports.
  const module = host?.metatype && host.providers.get(host.metatype);
  return module?.initTime !== undefined && !wrapper.isDependencyTreeStatic();
}

/** Undefined where the object was not made. */
export function sourceOf(wrapper: Wrapper): HandlerSource | undefined {
  if (!isPerContext(wrapper)) {
    const instance = wrapper.instance as object | null | undefined;
    return instance ? { instance } : undefined;
  }
  // Each module has a ModuleRef of its own, which resolves what that module provides.
  const moduleRef = wrapper.host?.providers.get(ModuleRef)?.instance as ModuleRef | undefined;
  const isDurable = wrapper.isDependencyTreeDurable();
  return moduleRef && { moduleRef, token: wrapper.token as Type, isDurable };
}
