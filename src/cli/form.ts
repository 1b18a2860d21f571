/** Sections of labelled lines, aligned, for a terminal. */

const COLUMNS = 100;
const INDENT = '  ';

export type FormEntry = readonly [label: string, text: string];

export interface FormSection {
  readonly heading: string;
  readonly entries: readonly FormEntry[];
}

/** The sections one below the other, an empty line between them. A long text goes on below itself, so that no line passes 100 columns. */
export function layOutForm(sections: readonly FormSection[]): string {
  const labels = sections.flatMap(({ entries }) => entries.map(([label]) => label.length));
  const textAt = INDENT.length + Math.max(...labels) + 2;
  return sections
    .map(({ heading, entries }) =>
      [heading, ...entries.flatMap((entry) => layOutEntry(entry, textAt))]
        .map((line) => `${line}\n`)
        .join(''),
    )
    .join('\n');
}

const layOutEntry = ([label, text]: FormEntry, textAt: number): string[] =>
  wrap(text, COLUMNS - textAt).map(
    (line, index) => (index === 0 ? INDENT + label : '').padEnd(textAt) + line,
  );

/** A word that is longer than a line has one for itself. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
