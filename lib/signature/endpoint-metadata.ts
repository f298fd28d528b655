import { SetMetadata } from '@nestjs/common';

/** Metadata of a route that takes deliveries: the name of its endpoint. */
export const ENDPOINT_METADATA = 'revrag-webhook:endpoint';

/** Only names the endpoint a route belongs to; verifying is left to whoever asks for it. */
export const BelongsToEndpoint = (name: string): MethodDecorator =>
  SetMetadata(ENDPOINT_METADATA, name);
