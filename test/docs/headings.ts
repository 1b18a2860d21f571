/** Headings of a document of the project, and the anchors that GitHub makes of them. */
import { readProjectFile } from '../ops/image';

/** What Markdown shows as it stands has no headings. */
const withoutCode = (markdown: string): string => markdown.replace(/^```[^]*?^```/gm, '');

export function headingsOf(path: string): string[] {
  return [...withoutCode(readProjectFile(path)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
}

export const anchorsOf = (path: string): string[] =>
  headingsOf(path).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
