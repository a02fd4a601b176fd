import { createRequire } from 'node:module';
import path from 'node:path';
import express, { type Router } from 'express';
import { readAnswer, sendRead } from '../http/read-answer.ts';

const OPENAPI_PATH = '/api/openapi.json';
const DOCS_PATH = '/api/docs';
const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Infoscreen fleet control: API</title>
<link rel="icon" type="image/png" href="${DOCS_PATH}/favicon-32x32.png">
<link rel="stylesheet" href="${DOCS_PATH}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="${DOCS_PATH}/swagger-ui-bundle.js"></script>
<script src="${DOCS_PATH}/init.js"></script>
</body>
</html>
`;
/** A file of its own: the content security policy runs no inline script. */
const INIT_SCRIPT = `SwaggerUIBundle({ url: '${OPENAPI_PATH}', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });\n`;

/** The OpenAPI document and a page that shows it, from our own files alone. */
export function docsPages(openApi: object): Router {
  const router = express.Router({ caseSensitive: true });
  const assetFolder = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const document = readAnswer({ status: 200, headers: {}, text: JSON.stringify(openApi) });
  router.get(OPENAPI_PATH, (_req, res) => {
    sendRead(res, document);
  });
  router.get(DOCS_PATH, (_req, res) => {
    res.type('html').send(PAGE);
  });
  router.get(`${DOCS_PATH}/init.js`, (_req, res) => {
    res.type('text/javascript').send(INIT_SCRIPT);
  });
  for (const asset of ASSETS) {
    router.get(`${DOCS_PATH}/${asset}`, (_req, res) => {
      res.sendFile(asset, { root: assetFolder, maxAge: '1h' });
    });
  }
  return router;
}
