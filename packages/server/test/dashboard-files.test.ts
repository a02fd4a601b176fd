import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeTemporaryFolder, removeTemporaryFolder } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import request from 'supertest';
import { dashboardFiles } from '../src/dashboard/dashboard-files.ts';
import type { ProblemError } from '../src/http/problem-error.ts';
import { useServer } from './server-fixture.ts';

describe('the page', () => {
  const server = useServer();
  let folder: string;
  let built: Express;
  beforeAll(() => {
    folder = makeTemporaryFolder('page');
    mkdirSync(path.join(folder, 'assets'));
    writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>the page</title>');
    writeFileSync(path.join(folder, 'manifest.json'), '{}');
    writeFileSync(path.join(folder, 'theme.js'), '// theme');
    writeFileSync(path.join(folder, 'assets', 'index-Ab12.js'), '// code');
    built = express().use(dashboardFiles(folder));
  });
  afterAll(() => removeTemporaryFolder(folder));

  it.each([
    '/',
    '/screens',
    '/screens/0190a1b2-0000-7000-8000-000000000001',
    '/commands',
    '/audit',
    '/users',
    '/account',
  ])('is shown at %s, asked for each time', async (view) => {
    const answer = await request(built).get(view);
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(answer.text).toMatch('the page');
  });

  it('has files that are kept for good where their name has their hash', async () => {
    const answer = await request(built).get('/assets/index-Ab12.js');
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(answer.headers['content-type']).toMatch('text/javascript');
  });

  it.each([
    '/assets/index-gone.js',
    '/assets/../manifest.json',
    '/manifest.json',
    '/assets/',
    '/nothing',
    '/icon.svg',
  ])('is nothing at %s, which a program is told without a page', async (address) => {
    const answer = await request(built).get(address).set('accept', '*/*');
    expect(answer.status).toBe(404);
    expect(answer.text).not.toMatch('the page');
  });

  const asBrowser = (address: string) =>
    request(built).get(address).set('accept', 'text/html,application/xhtml+xml,*/*;q=0.8');

  it.each(['/nothing', '/screens/some/thing', '/manifest.json', '/Screens', '/apis'])(
    'says in a browser that there is nothing at %s, as a page with status 404',
    async (address) => {
      const answer = await asBrowser(address);
      expect([answer.status, answer.headers['cache-control']]).toEqual([404, 'no-store']);
      expect(answer.text).toMatch('the page');
    },
  );

  it.each(['/assets/index-gone.js', '/assets', '/api/nothing', '/api', '/API/nothing'])(
    'leaves what is missing at %s to the API, also in a browser',
    async (address) => {
      const answer = await asBrowser(address);
      expect(answer.status).toBe(404);
      expect(answer.text).not.toMatch('the page');
    },
  );

  it('is no answer to a write at an unknown address', async () => {
    const answer = await request(built).post('/nothing').set('accept', 'text/html');
    expect(answer.text).not.toMatch('the page');
  });

  it('says what to do where it was not built', async () => {
    const unbuilt = express().use(dashboardFiles(path.join(folder, 'nowhere')));
    unbuilt.use((error: ProblemError, _req: Request, res: Response, _next: NextFunction) => {
      res.status(error.status).json({ code: error.code, text: error.message });
    });
    const answer = await request(unbuilt).get('/');
    expect([answer.status, answer.body.code]).toEqual([503, 'unavailable']);
    expect(answer.body.text).toMatch('npm run build');
  });

  it('leaves an unknown address of the API a problem', async () => {
    const answer = await server.anonymous.get('/api/no-such-thing');
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
  });

  it('is shown under a policy without inline script and style', async () => {
    const { headers } = await request(server.api.app).get('/');
    expect(headers['content-security-policy']).toMatch("script-src 'self'");
    expect(headers['content-security-policy']).toMatch("style-src 'self'");
    expect(headers['content-security-policy']).not.toMatch('unsafe');
  });
});
