import type { Recipient } from '../../activities/ports';
import { portalPolicies } from '../../domain/portal';
import { footer, greeting } from './common-texts';
import { renderLetter, type Letter, type RenderedEmail } from './layout';

/** A letter of the recipient's portal, in the recipient's language, between its greeting and its small print. */
export function letterTo(
  { portal, language, firstName }: Recipient,
  { blocks, ...letter }: Pick<Letter, 'subject' | 'title' | 'blocks'>,
): RenderedEmail {
  const policy = portalPolicies[portal];
  return renderLetter({
    ...letter,
    language,
    sender: policy.name[language],
    blocks: [{ kind: 'paragraph', text: greeting(language, firstName) }, ...blocks],
    footer: footer(language, policy),
  });
}
