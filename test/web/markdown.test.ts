import { htmlOf } from '../../src/web/markdown';

it('Headings stand below the page’s own, down to the last level', () => {
  expect(htmlOf('# Terms\n\n## Part\n\n###### Deep')).toBe(
    '<h2 class="govuk-heading-m">Terms</h2>\n<h3 class="govuk-heading-m">Part</h3>\n<h6 class="govuk-heading-m">Deep</h6>\n',
  );
});

it('Paragraphs, lists and links look like those of the pages', () => {
  const html = htmlOf('Text with [a link](https://example.com/).\n\n1. One\n2. Two\n\n- Dot');

  expect(html).toContain(
    '<p class="govuk-body">Text with <a href="https://example.com/" class="govuk-link">',
  );
  expect(html).toContain('<ol class="govuk-list govuk-list--number govuk-list--spaced">');
  expect(html).toContain('<ul class="govuk-list govuk-list--bullet govuk-list--spaced">');
});

it.each([
  ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
  ['<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
  ['[x](javascript:alert(1))', '[x](javascript:alert(1))'],
])('%s does nothing', (text, shown) => {
  expect(htmlOf(text)).toBe(`<p class="govuk-body">${shown}</p>\n`);
});

it('There are no pictures: a page loads nothing from elsewhere', () => {
  expect(htmlOf('![x](https://example.com/x.png)')).not.toContain('<img');
});
