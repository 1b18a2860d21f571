/** How typed text is folded before it is compared. What was typed is stored as it is (spec.md 1). */

/** An email address without regard to case and surrounding space. */
export function foldEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** A username without regard to case, surrounding space, the kind and number of spaces inside, and how accents are encoded. */
export function foldUsername(username: string): string {
  return username.trim().replace(/\s+/g, ' ').normalize('NFC').toLowerCase();
}

/** `m***@example.com`: enough for its owner to recognise, too little for anybody else. */
export function maskEmail(email: string): string {
  const trimmed = email.trim();
  const at = trimmed.lastIndexOf('@');
  const [first = ''] = trimmed;
  return `${first}***${trimmed.slice(at)}`;
}
