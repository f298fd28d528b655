import 'reflect-metadata';
import { Injectable } from '@nestjs/common';

/** Puts decorators on a method and its parameters, as the compiler does with TypeScript's. */
export function decorateMethod(type, name, decorators, { parameters = [], types = [] } = {}) {
  parameters.forEach((decorate, index) => decorate(type.prototype, name, index));
  Reflect.defineMetadata('design:paramtypes', types, type.prototype, name);
  const descriptor = Object.getOwnPropertyDescriptor(type.prototype, name);
  const decorated = Reflect.decorate(decorators, type.prototype, name, descriptor);
  Object.defineProperty(type.prototype, name, decorated ?? descriptor);
}

export function injectable(type, dependencies = []) {
  Injectable()(type);
  Reflect.defineMetadata('design:paramtypes', dependencies, type);
  return type;
}
