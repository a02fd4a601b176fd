import { describe, expect, it } from '@jest/globals';
import type { Api } from '../src/fuzz/http/api-operations.ts';
import { maySucceed } from '../src/fuzz/http/may-succeed.ts';

const operation = (method: string, path: string, role: 'public' | 'viewer' | 'admin' | 'superadmin') => ({
  method,
  path,
  role,
  queryNames: [],
  body: undefined,
});
const api: Api = {
  schemas: {},
  operations: [
    operation('POST', '/api/auth/login', 'public'),
    operation('GET', '/api/clients/{uuid}', 'viewer'),
    operation('DELETE', '/api/clients/{uuid}', 'admin'),
    operation('GET', '/api/users', 'superadmin'),
  ],
};

const may = (
  caller: 'nobody' | 'viewer' | 'admin' | 'superadmin',
  method: string,
  target: string,
  headers = {},
) =>
  maySucceed(
    { caller, method, target, headers, body: undefined, isChunked: false, operation: undefined },
    api,
  );

describe('what the fuzzer lets a caller succeed with', () => {
  it('is what the role of the operation at that address allows', () => {
    expect(may('viewer', 'GET', '/api/clients/crashed?limit=1')).toBe(true);
    expect(may('viewer', 'HEAD', '/api/clients/x')).toBe(true);
    expect(may('viewer', 'DELETE', '/api/clients/x')).toBe(false);
    expect(may('admin', 'DELETE', '/api/clients/x')).toBe(true);
    expect(may('admin', 'GET', '/api/users')).toBe(false);
    expect(may('superadmin', 'GET', '/api/users/')).toBe(true);
    expect(may('nobody', 'GET', '/api/clients/x')).toBe(false);
    expect(may('nobody', 'POST', '/api/auth/login')).toBe(true);
  });

  it('is nothing at an address or with a method that the document doesn’t name, but for the public pages', () => {
    expect(may('superadmin', 'PUT', '/api/users')).toBe(false);
    expect(may('superadmin', 'GET', '/api/clients/%2e%2e/users')).toBe(false);
    expect(may('superadmin', 'GET', '/API/users')).toBe(false);
    expect(may('nobody', 'GET', '/')).toBe(true);
    expect(may('nobody', 'GET', '/api/docs/init.js')).toBe(true);
    expect(may('nobody', 'POST', '/metrics')).toBe(false);
  });

  it('is nothing for one whose session another cookie or a token has replaced', () => {
    expect(may('superadmin', 'GET', '/api/users', { cookie: 'a=b' })).toBe(false);
    expect(may('superadmin', 'GET', '/api/users', { authorization: 'Bearer x' })).toBe(false);
    expect(may('superadmin', 'GET', '/api/users', { authorization: 'Basic x' })).toBe(true);
  });
});
