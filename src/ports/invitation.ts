/** Access codes that staff issue. */
import type { Recipient } from './mail';

export interface NewInvitation {
  readonly id: string;
  readonly pepperId: string;
  readonly codeDigest: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** Id of the API key, and the address it was used from. */
  readonly createdBy: string;
  readonly address: string;
}

export interface Invitations {
  /** When this invitation expires; null if there is none. */
  findExpiry(id: string): Promise<number | null>;
  /** Writes it, ends every earlier open one for the same address, and audits. Idempotent by id. */
  issue(invitation: NewInvitation): Promise<void>;
}

export interface InvitationForMail {
  readonly recipient: Recipient;
  readonly pepperId: string;
  readonly expiresAtMs: number;
  /** Neither used nor replaced. */
  readonly open: boolean;
}

export interface InvitationSource {
  /** Null if there is none with this id. The recipient has the broker portal's first language, and no account. */
  findForMail(invitationId: string): Promise<InvitationForMail | null>;
}
