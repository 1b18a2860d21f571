import type { SendSignInCodeInput, SignInActivities } from '../contracts/sign-in';
import { signInRunId } from '../contracts/workflow-ids';
import { deliverMail, type Letter, type MailDeliveryDeps } from './mail-delivery';
import type { EmailTemplates } from '../ports/email-templates';
import type { PinSource } from '../ports/keys';
import type { RecipientDirectory } from '../ports/mail';
import type { SignInRecords } from '../ports/sign-in';

export interface SignInDeps extends MailDeliveryDeps {
  readonly signIns: Pick<SignInRecords, 'find' | 'countCode'>;
  readonly recipients: RecipientDirectory;
  readonly templates: Pick<EmailTemplates, 'signInCode'>;
  readonly pins: PinSource;
}

/** The steps of the `signIn` workflow. Each docstring says why a retry is safe. */
export function createSignInActivities(deps: SignInDeps): SignInActivities {
  const { signIns, recipients, templates, pins, inTurn, clock } = deps;

  return {
    /** A settled email is not sent again; the same code has the same Message-ID. */
    sendSignInCode: inTurn(async (input) => {
      const { signInId, accountId, sequence, madeAtMs, expiresAtMs } = input;
      const letter = await write(input);
      if (letter === null) return { outcome: 'no-recipient' };
      const entry = {
        messageId: `sign-in-code.${signInId}.${sequence}`,
        kind: 'sign-in-code',
        accountId,
        reference: signInId,
        validUntilMs: expiresAtMs,
      } as const;
      return { outcome: await deliverMail(deps, { entry, askedAtMs: madeAtMs }, letter, () => write(input)) };
    }),

    /** A code counts once per sign-in and sequence. */
    async countSignInCode(input) {
      return { counted: await signIns.countCode(input) };
    },
  };

  /** Null once the sign-in no longer stands: its code is good for nothing. */
  async function write(input: SendSignInCodeInput): Promise<Letter | null> {
    const { signInId, accountId, purpose, pepperId, sequence, digits, madeAtMs, expiresAtMs } = input;
    const signIn = await signIns.find(signInId);
    const recipient = signIn?.stands ? await recipients.findRecipient(accountId) : null;
    if (recipient === null) return null;
    const code = pins.pin(pepperId, signInRunId(signInId), sequence, digits);
    const content = { recipient, purpose, code, madeAtMs, expiresAtMs, nowMs: clock() };
    return { recipient, content: templates.signInCode(content) };
  }
}
