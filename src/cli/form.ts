/** Sections of labelled lines, aligned, for a terminal. */

const COLUMNS = 100;
const INDENT = '  ';

export type FormEntry = readonly [label: string, text: string];

export interface FormSection {
  readonly heading: string;
  readonly entries: readonly FormEntry[];
}

/** The sections in order, separated by empty lines. Long texts wrap under themselves, so that no line exceeds 100 columns. */
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

/** A word longer than a line gets its own line. */
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
