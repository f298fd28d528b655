import 'reflect-metadata';
import process from 'node:process';
import { Controller, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { decorateMethod } from '../../support/decorate.mjs';
import './serve.mjs';

export const PATH = 'webhooks/revrag';

/** A controller class with one POST route. */
export function postController(type, method, { guards = [], status = 200, ...rest } = {}) {
  decorateMethod(type, method, [Post(), HttpCode(status), ...guards], rest);
  Controller(PATH)(type);
  return type;
}

/** Boots an app and reports it ready. Nest's logger is off in all of them. */
export async function serveNest(metadata, { adapter, options = {}, configure, port } = {}) {
  class AppModule {}
  Module(metadata)(AppModule);
  const all = { logger: false, abortOnError: false, ...options };
  const app = await (adapter
    ? NestFactory.create(AppModule, adapter, all)
    : NestFactory.create(AppModule, all));
  configure?.(app);
  await app.listen(port ?? 0, '127.0.0.1');
  process.send({ ready: { port: app.getHttpServer().address().port } });
  return app;
}
