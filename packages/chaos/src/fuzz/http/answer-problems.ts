import { PROBLEM_CODES, PROBLEM_MEDIA_TYPE, problemSchema } from '@infoscreen/shared-types';
import type { Api } from './api-operations.ts';
import type { FuzzRequest } from './fuzz-requests.ts';
import { maySucceed } from './may-succeed.ts';
import type { HttpAnswer } from './send-request.ts';

const INSIDES = /\n\s+at |node_modules|\/packages\/|\.(ts|js):\d+|\bprisma\b|\bSELECT\b.*\bFROM\b|"stack"/i;

/** What is wrong with an answer, whatever the request was; empty when nothing is. */
export function answerProblems(request: FuzzRequest, answer: HttpAnswer, api: Api): string[] {
  const { status, headers, text } = answer;
  const problems: string[] = [];
  if (status >= 500) problems.push(`status ${status}: ${text.slice(0, 300)}`);
  if (status >= 400) problems.push(...refusalProblems(request, answer));
  if (status < 400 && !maySucceed(request, api)) problems.push(`answered ${status} to ${request.caller}`);
  if (headers['x-powered-by'] !== undefined) problems.push('says what it runs on');
  if (headers['x-content-type-options'] !== 'nosniff') problems.push('lets browsers guess its type');
  if (headers['set-cookie']?.some((cookie) => !/; HttpOnly/.test(cookie)) === true)
    problems.push('a cookie that scripts can read');
  if (headers['x-request-id'] === undefined) problems.push('has no request id');
  // What succeeds may show what somebody stored, which is as hostile as any request.
  if (status >= 400 && INSIDES.test(text)) problems.push(`shows its insides: ${INSIDES.exec(text)?.[0]}`);
  return problems;
}

function refusalProblems({ method }: FuzzRequest, { status, headers, text }: HttpAnswer): string[] {
  const type = headers['content-type'] ?? '';
  if (!type.startsWith(PROBLEM_MEDIA_TYPE))
    return [`status ${status} is no problem document but ${type}: ${text.slice(0, 200)}`];
  if (method === 'HEAD') return [];
  const document = problemSchema.safeParse(parsed(text)).data;
  if (document === undefined) return [`status ${status} is no problem document: ${text.slice(0, 200)}`];
  const problems: string[] = [];
  if (PROBLEM_CODES[document.code].status !== status)
    problems.push(`code ${document.code} with status ${status}`);
  // A replayed answer keeps the id of the request that it first answered.
  if (headers['idempotency-replayed'] === undefined && document.request_id !== headers['x-request-id'])
    problems.push('two request ids');
  return problems;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
