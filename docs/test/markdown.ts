/** Part of a document: its heading and what stands below it, up to the next heading of any depth. */
export interface Section {
  readonly heading: string;
  readonly text: string;
}

export function sections(markdown: string): readonly Section[] {
  const found: { heading: string; lines: string[] }[] = [];
  for (const { line, isCode } of linesOf(markdown)) {
    const heading = isCode ? undefined : /^#{1,6} (.*)$/.exec(line)?.[1];
    if (heading !== undefined) found.push({ heading, lines: [] });
    else found.at(-1)?.lines.push(line);
  }
  return found.map(({ heading, lines }) => ({ heading, text: lines.join('\n') }));
}

/** @throws when there is no such heading */
export function sectionOf(markdown: string, heading: string): string {
  const section = sections(markdown).find((candidate) => candidate.heading === heading);
  if (section === undefined) throw new Error(`there is no section "${heading}"`);
  return section.text;
}

/** Cells of the rows of all tables in `text`, without the heads. */
export function tableRows(text: string): readonly (readonly string[])[] {
  const rows: (readonly string[])[] = [];
  let isBody = false;
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) isBody = false;
    else if (/^\|[-:| ]+\|$/.test(line)) isBody = true;
    else if (isBody) rows.push(cells(line));
  }
  return rows;
}

function cells(line: string): readonly string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** The text of a cell that holds one piece of code. */
export function codeIn(cell: string | undefined): string {
  const code = /^`([^`]+)`$/.exec(cell ?? '')?.[1];
  if (code === undefined) throw new Error(`"${cell}" should be one piece of code`);
  return code;
}

/** Contents of the fenced blocks of one language. */
export function codeBlocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    (match) => match[1] ?? '',
  );
}

/** Targets of all links outside code. */
export function linkTargets(markdown: string): readonly string[] {
  return linesOf(markdown)
    .filter(({ isCode }) => !isCode)
    .flatMap(({ line }) => [
      ...line.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^()\s]+)\)|<(?:a href|img src)="([^"]+)"/g),
    ])
    .map((match) => match[1] ?? match[2] ?? '');
}

/** Anchors of the headings, as GitHub makes them. */
export function anchors(markdown: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const found = new Set<string>();
  for (const { heading } of sections(markdown)) {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    const repeats = seen.get(slug) ?? 0;
    seen.set(slug, repeats + 1);
    found.add(repeats === 0 ? slug : `${slug}-${repeats}`);
  }
  return found;
}

function linesOf(markdown: string): readonly { readonly line: string; readonly isCode: boolean }[] {
  let isCode = false;
  return markdown.split('\n').map((line) => {
    const isFence = line.startsWith('```');
    if (isFence) isCode = !isCode;
    return { line, isCode: isCode || isFence };
  });
}
