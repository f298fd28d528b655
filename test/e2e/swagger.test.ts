import { Controller, Post, type ModuleMetadata } from '@nestjs/common';
import { ApiExcludeController, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { RevragEndpoint, RevragWebhookModule } from 'nestjs-revrag-webhook';
import { ApiRevragWebhook } from 'nestjs-revrag-webhook/swagger';
import { describe, expect, it } from 'vitest';
import { SECRET, startApp } from '../support/app.js';
import { SAMPLE } from '../support/sample.js';
import { PATH, deliver } from '../support/send.js';

async function documentOf(metadata: ModuleMetadata) {
  const { app, url } = await startApp(metadata);
  const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
  return { document, url };
}

const endpoint = (decorators: ClassDecorator[]) =>
  RevragWebhookModule.forRoot({ secret: SECRET, decorators });

describe('the OpenAPI document', () => {
  it('has headers, body and answers of the endpoint', async () => {
    const { document, url } = await documentOf({ imports: [endpoint([ApiRevragWebhook()])] });
    const operation = document.paths[PATH]!.post!;
    expect(operation.parameters).toEqual(
      ['Event', 'Timestamp', 'Signature', 'ID'].map(
        name =>
          expect.objectContaining({
            name: `X-Webhook-${name}`,
            in: 'header',
            required: true,
          }) as unknown,
      ),
    );
    expect(operation.requestBody).toMatchObject({
      required: true,
      content: {
        'application/json': {
          schema: { $ref: '#/components/schemas/CallEnded' },
        },
      },
    });
    const model = document.components!.schemas!.CallEnded as {
      required: string[];
      properties: Record<string, object>;
    };
    expect(model.required).toEqual(['call_status', 'call_id', 'agent_id']);
    expect(Object.keys(model.properties)).toEqual(
      Object.keys(JSON.parse(SAMPLE.toString()) as object),
    );
    expect(model.properties).toMatchObject({
      call_id: { type: 'string', minLength: 1 },
      end_time: { type: 'string', nullable: true, example: expect.any(String) as string },
      duration: { type: 'number', nullable: true, description: 'Seconds.' },
      transcription: {
        type: 'object',
        nullable: true,
        properties: {
          messages: { type: 'array', items: { required: ['role', 'content'] } },
        },
      },
      custom_variables: { type: 'array', items: { required: ['key'] } },
      variables_fields: { type: 'object', additionalProperties: true },
    });
    expect(Object.keys(operation.responses)).toEqual(
      [200, 202, 400, 401, 403, 404, 408, 409, 413, 415, 500, 503].map(String),
    );
    expect(operation.responses[401]).toMatchObject({
      content: {
        'application/json': {
          schema: {
            properties: {
              code: { enum: expect.arrayContaining(['signature_mismatch']) as unknown },
            },
          },
        },
      },
    });
    expect(operation.responses[503]).toMatchObject({
      content: {
        'application/json': {
          schema: {
            properties: {
              code: {
                enum: ['store_unavailable', 'secret_unavailable', 'shutting_down', 'overloaded'],
              },
            },
          },
        },
      },
    });
    expect(await deliver(url)).toMatchObject({ status: 200 });
  });

  it('tells several endpoints apart', async () => {
    const sales = { secret: SECRET, name: 'sales', path: 'hooks/sales' };
    const { document } = await documentOf({
      imports: [endpoint([ApiRevragWebhook()]), RevragWebhookModule.forRoot(sales)],
    });
    expect(document.paths['/hooks/sales']!.post!.parameters).toEqual([]);
    const ids = Object.values(document.paths).map(path => path.post!.operationId);
    expect(new Set(ids).size).toBe(2);
  });

  it('leaves the endpoint out where it is told to', async () => {
    const { document, url } = await documentOf({ imports: [endpoint([ApiExcludeController()])] });
    expect(document.paths).toEqual({});
    expect(await deliver(url)).toMatchObject({ status: 200 });
  });

  it('has controllers of one’s own, by class or by method', async () => {
    @Controller('one')
    @ApiRevragWebhook()
    class One {
      @Post()
      @RevragEndpoint()
      receive() {
        return {};
      }
      @Post('other')
      other() {
        return {};
      }
    }
    @Controller('two')
    class Two {
      @Post()
      @RevragEndpoint()
      @ApiRevragWebhook()
      receive() {
        return {};
      }
    }
    const { document } = await documentOf({
      imports: [RevragWebhookModule.forRoot({ secret: SECRET, path: false })],
      controllers: [One, Two],
    });
    expect(document.paths['/one']!.post!.parameters).toHaveLength(4);
    expect(document.paths['/two']!.post!.parameters).toHaveLength(4);
    expect(document.paths['/one/other']!.post!.parameters).toEqual([]);
  });

  it('of an app that was not told has the bare route', async () => {
    const { document } = await documentOf({ imports: [endpoint([])] });
    expect(document.paths[PATH]!.post!.parameters).toEqual([]);
  });
});
