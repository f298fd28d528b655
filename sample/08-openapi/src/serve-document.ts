import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** The page at /docs, the document itself at /docs-json. */
export function serveDocument(app: INestApplication): void {
  const config = new DocumentBuilder().setTitle('Calls').setVersion('1').build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, config));
}
