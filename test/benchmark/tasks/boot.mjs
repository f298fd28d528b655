// Boots an app with a thousand providers and a route of its own once, with or without the library.
import 'reflect-metadata';
import { Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { OnCallEnded, RevragWebhookModule } from 'nestjs-revrag-webhook';
import { decorateMethod, injectable } from '../support/decorate.mjs';
import { SECRET } from '../support/schemes.mjs';
import { serveTask, usedMicros } from '../support/task.mjs';

const MODULES = 20;

/** A service with a handful of methods and a dependency on its neighbour. */
function createService(dependency) {
  const Service = class {
    list() {}
    find() {}
    create() {}
    update() {}
    remove() {}
  };
  return injectable(Service, dependency ? [dependency] : []);
}

function createModule(size) {
  const providers = [];
  for (let index = 0; index < size; index += 1) {
    providers.push(createService(index % 2 === 1 ? providers[index - 1] : undefined));
  }
  class Feature {}
  Module({ providers })(Feature);
  return Feature;
}

class Orders {
  create() {}
}
decorateMethod(Orders, 'create', [Post()]);
Controller('orders')(Orders);

class Calls {
  save() {}
}
decorateMethod(Calls, 'save', [OnCallEnded()]);
injectable(Calls);

serveTask(async ({ providers, withLibrary }) => {
  const imports = Array.from({ length: MODULES }, () => createModule(providers / MODULES));
  if (withLibrary) imports.push(RevragWebhookModule.forRoot(SECRET));
  class AppModule {}
  Module({ imports, providers: [Calls], controllers: [Orders] })(AppModule);
  const before = usedMicros();
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.init();
  const took = (usedMicros() - before) / 1000;
  await app.close();
  return took;
});
