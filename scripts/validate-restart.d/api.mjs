import path from 'node:path';
import { NotMet } from './criteria.mjs';
import { runProgram } from './programs.mjs';

const FIXED_ARGUMENTS = ['-sS', '-i', '--max-time', '30', '--noproxy', 'localhost,127.0.0.1'];

/** The API through curl with a cookie jar in `folder`, as an operator would call it. */
export function createApi({ baseUrl, folder }) {
  const jar = path.join(folder, 'cookies');

  /**
   * @param keepsCookie whether the answer's cookie goes into the jar: log-in and what renews the session
   * @returns `{status, header(name), body, text}`; `body` is undefined where it isn't JSON
   * @throws NotMet when curl gets no answer
   */
  async function call(method, address, body, { keepsCookie = false } = {}) {
    const { code, stdout, stderr } = await runProgram(
      'curl',
      [
        ...FIXED_ARGUMENTS,
        '-X',
        method,
        '-b',
        jar,
        ...(keepsCookie ? ['-c', jar] : []),
        // The body goes over the standard input: a password on the command line is seen by every user of the machine.
        ...(body === undefined ? [] : ['-H', 'content-type: application/json', '--data-binary', '@-']),
        `${baseUrl}${address}`,
      ],
      { input: body === undefined ? '' : JSON.stringify(body) },
    );
    if (code !== 0) throw new NotMet(`${method} ${address} got no answer (${stderr.trim() || 'no curl?'})`);
    return parseAnswer(stdout);
  }

  return {
    call,
    get: (address) => call('GET', address),
    post: (address, body) => call('POST', address, body),
    delete: (address) => call('DELETE', address),
  };
}

function parseAnswer(text) {
  let rest = text;
  let head = '';
  do {
    const end = rest.indexOf('\r\n\r\n');
    head = rest.slice(0, end);
    rest = rest.slice(end + 4);
    // An interim answer comes before the real one.
  } while (/^HTTP\/\S+ 1\d\d/.test(head));
  const [statusLine, ...lines] = head.split('\r\n');
  const headers = new Map(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
  return {
    status: Number(statusLine.split(' ')[1]),
    header: (name) => headers.get(name),
    body: parseJson(rest),
    text: rest,
  };
}

export function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An answer in a few words, for a FAIL line. */
export function describe({ status, body, text }) {
  const said = body?.code ? `${body.code}: ${body.detail ?? body.title ?? ''}` : text.slice(0, 200);
  return `HTTP ${status} ${said}`.trim();
}
