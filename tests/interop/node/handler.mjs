// Serves a handler that hookglass shows, as an app in its framework would have it.
//
// Arguments: the folder with `node_modules`, the framework, the handler's code, the secret. Prints its port; ends when its
// stdin does.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const [, , folder, framework, code, secret] = process.argv;
const require = createRequire(`${folder}/`);
const { ScalekitClient } = require('@scalekit-sdk/node');
const scalekit = new ScalekitClient('http://127.0.0.1', 'no-id', 'no-secret');

function expressApp() {
  const express = require('express');
  const app = express();
  new Function('app', 'express', 'scalekit', 'secret', code)(app, express, scalekit, secret);
  app.use(express.json());
  return app;
}

// A WHATWG request of what `node:http` received.
async function whatwg(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const headers = Object.entries(request.headersDistinct).flatMap(([name, values]) => values.map((value) => [name, value]));
  return new Request('http://app' + request.url, { method: request.method, headers, body: Buffer.concat(chunks) });
}

// A route of Next.js takes a WHATWG request and gives a response.
function nextApp() {
  const untyped = code.replace('export ', '').replace(': Request', '');
  const post = new Function('scalekit', 'secret', `${untyped}\nreturn POST;`)(scalekit, secret);
  return async (request, response) => {
    const answer = await post(await whatwg(request));
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  };
}

async function fastifyServer() {
  const app = require('fastify')();
  new Function('app', 'scalekit', 'secret', code)(app, scalekit, secret);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server;
}

async function nestServer() {
  require('reflect-metadata');
  const { transpileModule, ModuleKind } = require('typescript');
  const common = require('@nestjs/common');
  const { NestFactory } = require('@nestjs/core');
  const compilerOptions = { module: ModuleKind.CommonJS, experimentalDecorators: true };
  const script = transpileModule(code, { compilerOptions }).outputText;
  const names = ['Controller', 'Post', 'HttpCode', 'Req', 'Headers', 'UnauthorizedException'];
  const exported = {};
  new Function('exports', 'scalekit', 'secret', ...names, script)(exported, scalekit, secret, ...names.map((name) => common[name]));
  class AppModule {}
  common.Module({ controllers: [exported.ScalekitController] })(AppModule);
  const app = await NestFactory.create(AppModule, { rawBody: true, logger: false });
  app.useBodyParser('json', { limit: '10mb' });
  await app.listen(0, '127.0.0.1');
  return app.getHttpServer();
}

async function honoServer() {
  const { Hono } = await import(require.resolve('hono'));
  const { createAdaptorServer } = await import(require.resolve('@hono/node-server'));
  const app = new Hono();
  new Function('app', 'scalekit', 'secret', code)(app, scalekit, secret);
  return createAdaptorServer({ fetch: app.fetch });
}

// A function URL passes a request on as an event: here with the body as base64, every other time.
function lambdaApp() {
  const handler = new Function('scalekit', 'secret', `${code.replace('export ', '')}\nreturn handler;`)(scalekit, secret);
  let count = 0;
  return async (request, response) => {
    const { headers, body } = await whatwg(request).then(async (it) => ({ headers: Object.fromEntries(it.headers), body: Buffer.from(await it.arrayBuffer()) }));
    const isBase64Encoded = count++ % 2 === 0;
    const answer = await handler({ headers, isBase64Encoded, body: body.toString(isBase64Encoded ? 'base64' : 'utf8') });
    response.writeHead(answer.statusCode).end(answer.body);
  };
}

const servers = {
  Express: () => createServer(expressApp()),
  'Next.js': () => createServer(nextApp()),
  Fastify: fastifyServer,
  NestJS: nestServer,
  Hono: honoServer,
  'AWS Lambda': () => createServer(lambdaApp()),
};
const server = await servers[framework]();
const tell = () => console.log(server.address().port);
if (server.listening) tell();
else server.listen(0, '127.0.0.1', tell);
process.stdin.on('end', () => process.exit()).resume();
