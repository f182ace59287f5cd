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

// A route of Next.js takes a WHATWG request and gives a response.
function nextApp() {
  const untyped = code.replace('export ', '').replace(': Request', '');
  const post = new Function('scalekit', 'secret', `${untyped}\nreturn POST;`)(scalekit, secret);
  return async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = Object.entries(request.headersDistinct).flatMap(([name, values]) => values.map((value) => [name, value]));
    const answer = await post(new Request('http://app/', { method: 'POST', headers, body: Buffer.concat(chunks) }));
    response.writeHead(answer.status).end(await answer.text());
  };
}

const server = createServer(framework === 'Express' ? expressApp() : nextApp());
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit()).resume();
