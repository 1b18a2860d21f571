/** A page with emails side by side, as a mail program shows them: `npm run docs:emails`. */
import { sampleEmails } from '../../src/adapters/mail/sample-emails';
import { createEmailTemplates } from '../../src/adapters/mail/templates';
import type { Brand } from '../../src/adapters/brand/load-brand';
import type { Language } from '../../src/domain/portal';

export interface EmailPicture {
  /** Of `sampleEmails`; the first one of the kind if there is no state. */
  readonly kind: string;
  readonly state?: string;
  readonly language: Language;
  readonly scheme: 'light' | 'dark';
  readonly width: number;
}

/** Each email in a frame of its own, as wide as asked and as high as it is. */
export function emailSheet(brand: Brand, pictures: readonly EmailPicture[]): string {
  const samples = sampleEmails(createEmailTemplates(brand), brand.policies);
  const frames = pictures.map(({ kind, state, language, scheme, width }) => {
    const sample = samples.find(
      (each) => each.kind === kind && (state === undefined || each.state === state),
    );
    if (sample === undefined) throw new Error(`no email ${kind}, ${state ?? 'in any state'}`);
    const html = sample.write(language).html.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
    const fit = "this.style.height = this.contentDocument.documentElement.scrollHeight + 'px'";
    return `<iframe style="width:${width}px;color-scheme:${scheme}" onload="${fit}" srcdoc="${html}"></iframe>`;
  });
  return `<!doctype html>
<meta charset="utf-8">
<style>
body { margin: 0; padding: 16px; display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; background: #8a94a0 }
iframe { border: 0; display: block }
</style>
${frames.join('\n')}
`;
}
