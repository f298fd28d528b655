import { RequestMethod, VERSION_NEUTRAL, VersioningType, type Type } from '@nestjs/common';
import { MetadataScanner, type ApplicationConfig, type ModulesContainer } from '@nestjs/core';

/** A route for POST requests, as Nest registers it. */
export interface NestRoute {
  readonly controller: Type<object>;
  /** The module that has the controller. */
  readonly module: Module;
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

type Module = NonNullable<ReturnType<ModulesContainer['get']>>;
type Version = string | symbol;
type VersionValue = Version | readonly Version[];
type Config = Pick<
  ApplicationConfig,
  'getGlobalPrefix' | 'getGlobalPrefixOptions' | 'getVersioning'
>;

/** The routes for POST requests of all controllers, in the order in which Nest registers them. */
export function nestRoutes(modules: ModulesContainer, config: Config): NestRoute[] {
  return [...modules.values()].flatMap(module => {
    const get = (key: string) => Reflect.getMetadata(key, module.metatype) as string | undefined;
    const modulePath = get(MODULE_PATH + modules.applicationId) ?? get(MODULE_PATH) ?? '';
    return [...module.controllers.values()].flatMap(({ metatype }) => {
      const controller = metatype as Type<object>;
      return routesOf(controller, modulePath, config).map(route => ({ ...route, module }));
    });
  });
}

function routesOf(
  controller: Type<object>,
  modulePath: string,
  config: Config,
): Omit<NestRoute, 'module'>[] {
  const prototype = controller.prototype as Record<string, object>;
  const methods = new MetadataScanner().getAllMethodNames(prototype);
  const versioning = config.getVersioning();
  const isInPath = versioning?.type === VersioningType.URI;
  return pathsOf(controller).flatMap(base =>
    methods.flatMap(method => {
      const handler = prototype[method] as object;
      const requestMethod = Reflect.getMetadata(METHOD, handler) as RequestMethod | undefined;
      if (requestMethod !== RequestMethod.POST && requestMethod !== RequestMethod.ALL) return [];
      const version = versioning && versionOf(controller, handler, versioning.defaultVersion);
      const inPath = isInPath
        ? [version ?? VERSION_NEUTRAL].flat().map(one => uriVersion(one, versioning.prefix))
        : [''];
      const routeVersion = isInPath || version === VERSION_NEUTRAL ? undefined : version;
      return pathsOf(handler).flatMap(below => {
        const declared = join(join(modulePath, base), below);
        const isBare = isExcluded(config, declared, requestMethod);
        const prefix = isBare ? '' : withoutSlash(slashed(config.getGlobalPrefix()));
        return inPath.map(versionPath => {
          const path = withoutSlash(prefix + versionPath + declared) || '/';
          return { controller, method, path, version: routeVersion };
        });
      });
    }),
  );
}

const pathsOf = (target: object): string[] =>
  [Reflect.getMetadata(PATH, target) as string | readonly string[]].flat();

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
  return (
    config
      .getGlobalPrefixOptions()
      .exclude?.some(
        excluded =>
          [RequestMethod.ALL, requestMethod].includes(excluded.requestMethod) &&
          excluded.pathRegex.test(path),
      ) ?? false
  );
}

const join = (path: string, below: string): string => withoutSlash(path) + slashed(below);

const slashed = (path: string): string => (/^\{?\//.test(path) ? path : `/${path}`);

const withoutSlash = (path: string): string => path.replace(/\/$/, '');
