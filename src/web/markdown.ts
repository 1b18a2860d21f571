/** Markdown of an insurer's terms as HTML for a page, whose own heading is above theirs. */
import MarkdownIt, { type Token } from 'markdown-it';

const CLASSES: Readonly<Record<string, string>> = {
  heading_open: 'govuk-heading-m',
  paragraph_open: 'govuk-body',
  bullet_list_open: 'govuk-list govuk-list--bullet govuk-list--spaced',
  ordered_list_open: 'govuk-list govuk-list--number govuk-list--spaced',
  link_open: 'govuk-link',
};

// HTML in the text is shown as it was written.
const markdown = new MarkdownIt({ html: false }).disable('image');
markdown.core.ruler.push('pages', ({ tokens }) => {
  for (const token of tokens.flatMap((each) => [each, ...(each.children ?? [])])) fit(token);
});

function fit(token: Token): void {
  const { type, tag } = token;
  if (type.startsWith('heading_')) token.tag = `h${Math.min(Number(tag.slice(1)) + 1, 6)}`;
  const classes = CLASSES[type];
  if (classes !== undefined) token.attrSet('class', classes);
}

export const htmlOf = (text: string): string => markdown.render(text);
