import type { FuzzRequest } from './fuzz-requests.ts';
import type { RawAnswer } from './raw-requests.ts';
import type { HttpAnswer } from './send-request.ts';

const MAX_SHOWN = 20;

/** What the answers of a run were, and what was wrong with them. */
export class Findings {
  readonly #statuses: Record<string, number> = {};
  readonly #rawStatuses: Record<string, number> = {};
  readonly #succeeded = new Set<string>();
  /** The first request of each problem, and how many had it. */
  readonly #problems = new Map<string, { readonly example: string; count: number }>();
  #requests = 0;
  #rawRequests = 0;
  #cutUploads = 0;

  note(request: FuzzRequest, answer: HttpAnswer, problems: readonly string[]): void {
    this.#requests += 1;
    count(this.#statuses, String(answer.status));
    const { operation, method } = request;
    if (answer.status < 300 && operation !== undefined && operation.method === method)
      this.#succeeded.add(`${method} ${operation.path}`);
    for (const problem of problems) this.noteProblem(request, problem);
  }

  /** The server ends the connection of whoever goes on sending what it has refused already. */
  noteCut(): void {
    this.#requests += 1;
    this.#cutUploads += 1;
  }

  noteProblem({ method, target, caller, headers, body, operation }: FuzzRequest, problem: string): void {
    const example = `${method} ${target.slice(0, 200)} as ${caller} with ${JSON.stringify(headers).slice(0, 300)}, body ${JSON.stringify(body?.toString('utf8').slice(0, 300))}`;
    this.#add(`${operation?.method ?? ''} ${operation?.path ?? 'no route'}: ${problem}`, example);
  }

  noteRaw(bytes: Buffer, { statuses, text }: RawAnswer): void {
    this.#rawRequests += 1;
    for (const status of statuses.length === 0 ? ['closed'] : statuses.map(String))
      count(this.#rawStatuses, status);
    const example = JSON.stringify(bytes.toString('latin1').slice(0, 300));
    if (statuses.some((status) => status >= 500)) this.#add(`raw: status ${String(statuses)}`, example);
    if (/\n\s+at |node_modules/.test(text)) this.#add('raw: shows its insides', example);
  }

  figures() {
    return {
      requests: this.#requests,
      rawRequests: this.#rawRequests,
      cutUploads: this.#cutUploads,
      statuses: this.#statuses,
      rawStatuses: this.#rawStatuses,
      succeeded: this.#succeeded.size,
    };
  }

  problems(): string[] {
    return [...this.#problems]
      .slice(0, MAX_SHOWN)
      .map(([problem, { example, count: n }]) => `${problem} (${n} times), as ${example}`);
  }

  #add(problem: string, example: string): void {
    const known = this.#problems.get(problem);
    if (known === undefined) this.#problems.set(problem, { example, count: 1 });
    else known.count += 1;
  }
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
