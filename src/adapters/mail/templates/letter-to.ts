import type { Addressee, Recipient } from '../../../ports/mail';
import { footer, greeting, unitFooter, unitName, type LetterRules } from './common-texts';
import { renderLetter, type Letter, type RenderedEmail } from './layout';

type Content = Pick<Letter, 'subject' | 'title' | 'blocks'>;

/** A letter from the recipient's portal, in the recipient's language, with greeting and footer. */
export function letterTo(rules: LetterRules, recipient: Recipient, content: Content): RenderedEmail {
  const { language } = recipient;
  const policy = rules.policies[recipient.portal];
  return greeted(recipient, {
    ...content,
    language,
    sender: policy.name[language],
    footer: footer(language, policy),
  });
}

/** A letter from the Dedicated Plan Change unit (spec.md 7), which belongs to no portal. The subject starts with the unit's name. */
export function letterOfUnit(
  rules: LetterRules,
  addressee: Addressee,
  { subject, ...content }: Content,
): RenderedEmail {
  const { language } = addressee;
  return greeted(addressee, {
    ...content,
    subject: `${unitName[language]}: ${subject}`,
    language,
    sender: unitName[language],
    footer: unitFooter(language, rules),
  });
}

const greeted = ({ language, firstName }: Addressee, { blocks, ...letter }: Letter): RenderedEmail =>
  renderLetter({
    ...letter,
    blocks: [{ kind: 'paragraph', text: greeting(language, firstName) }, ...blocks],
  });
