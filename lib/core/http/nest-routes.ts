import { RequestMethod, VERSION_NEUTRAL, VersioningType, type Type } from '@nestjs/common';
import { MetadataScanner, type ApplicationConfig, type ModulesContainer } from '@nestjs/core';

/** A route for POST requests, as Nest registers it. */
export interface NestRoute {
  readonly controller: Type<object>;
  /** The controller's object. For a request-scoped controller, one that was never constructed. */
  readonly instance: object;
  readonly method: string;
  /** With global prefix, URI version and the path of RouterModule. */
  readonly path: string;
  /** Its version, if versions are not in the path. */
  readonly version: VersionValue | undefined;
}

/** Keys of the metadata that Nest's decorators set; @nestjs/swagger and others read them, too. */
const PATH = 'path';
const METHOD = 'method';
const VERSION = '__version__';
const MODULE_PATH = '__module_path__';

type Version = string | symbol;
type VersionValue = Version | readonly Version[];
type Config = Pick<
  ApplicationConfig,
  'getGlobalPrefix' | 'getGlobalPrefixOptions' | 'getVersioning'
>;

/** The routes for POST requests of all controllers, in the order in which Nest registers them. */
export function nestRoutes(modules: ModulesContainer, config: Config): NestRoute[] {
  return [...modules.values()].flatMap(({ metatype, controllers }) => {
    const get = (key: string) => Reflect.getMetadata(key, metatype) as string | undefined;
    const modulePath = get(MODULE_PATH + modules.applicationId) ?? get(MODULE_PATH) ?? '';
    return [...controllers.values()].flatMap(({ metatype: controller, instance }) =>
      typeof controller === 'function'
        ? routesOf(controller as Type<object>, instance, modulePath, config)
        : [],
    );
  });
}

function routesOf(
  controller: Type<object>,
  instance: object,
  modulePath: string,
  config: Config,
): NestRoute[] {
  const prototype = controller.prototype as Record<string, object>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap(method => {
    const handler = prototype[method] as object;
    const requestMethod = Reflect.getMetadata(METHOD, handler) as RequestMethod | undefined;
    if (requestMethod !== RequestMethod.POST && requestMethod !== RequestMethod.ALL) return [];
    const declared = declaredPaths(controller, handler).map(path => join(modulePath, path));
    const versioning = config.getVersioning();
    const version = versioning && versionOf(controller, handler, versioning.defaultVersion);
    const isInPath = versioning?.type === VersioningType.URI;
    const inPath = isInPath
      ? [version ?? []].flat().map(one => uriVersion(one, versioning.prefix))
      : [];
    const paths = declared.flatMap(path =>
      (inPath.length > 0 ? inPath : ['']).map(versionPath => {
        const prefix = isExcluded(config, path, requestMethod) ? '' : config.getGlobalPrefix();
        return join(join(prefix, versionPath), path).replace(/(?<=.)\/$/, '') || '/';
      }),
    );
    const routeVersion = isInPath || version === VERSION_NEUTRAL ? undefined : version;
    return paths.map(path => ({ controller, instance, method, path, version: routeVersion }));
  });
}

function declaredPaths(controller: object, handler: object): string[] {
  const pathsOf = (target: object) =>
    [Reflect.getMetadata(PATH, target) as string | readonly string[] | undefined]
      .flat()
      .map(path => path ?? '');
  return pathsOf(controller).flatMap(path => pathsOf(handler).map(below => join(path, below)));
}

function versionOf(
  controller: object,
  handler: object,
  byDefault: VersionValue | undefined,
): VersionValue | undefined {
  const declaredOn = (target: object) =>
    Reflect.getMetadata(VERSION, target) as VersionValue | undefined;
  return declaredOn(handler) ?? declaredOn(controller) ?? byDefault;
}

function uriVersion(version: Version, prefix: string | false | undefined): string {
  if (version === VERSION_NEUTRAL) return '';
  return `/${prefix === false ? '' : (prefix ?? 'v')}${String(version)}`;
}

function isExcluded(config: Config, path: string, requestMethod: RequestMethod): boolean {
  return (config.getGlobalPrefixOptions().exclude ?? []).some(
    excluded =>
      [RequestMethod.ALL, -1, requestMethod].includes(excluded.requestMethod) &&
      excluded.pathRegex.test(path),
  );
}

/** Joins two paths with one slash, and puts one in front. */
const join = (path: string, below: string): string =>
  `${slashed(path).replace(/\/+$/, '')}${slashed(below)}`;

const slashed = (path: string) => (path === '' || /^\{?\//.test(path) ? path : `/${path}`);
