import { SetMetadata, applyDecorators } from '@nestjs/common';

/** Metadata of a route that takes deliveries: the name of its endpoint. */
export const ENDPOINT_METADATA = 'revrag-webhook:endpoint';

/** What `@RouteConfig()` of @nestjs/platform-fastify sets: the `config` of the route on Fastify. */
const FASTIFY_ROUTE_CONFIG = '__fastify_route_config__';

/** Only names the endpoint a route belongs to; verifying is left to whoever asks for it. */
export const BelongsToEndpoint = (name: string): MethodDecorator =>
  applyDecorators(SetMetadata(ENDPOINT_METADATA, name), addRouteConfig(name));

/**
 * On Fastify a path with parameters, as of a global prefix, gets a handler that is wrapped and has no
 * metadata; the route's configuration is there on every path.
 */
const addRouteConfig =
  (name: string): MethodDecorator =>
  (_target, _key, descriptor) => {
    const method = descriptor.value as object;
    const config = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG, method) as object | undefined;
    Reflect.defineMetadata(FASTIFY_ROUTE_CONFIG, { ...config, [ENDPOINT_METADATA]: name }, method);
  };
