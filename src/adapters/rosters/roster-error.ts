/** The file cannot be imported at all, and nothing of it was. The message is a sentence for whoever made the file. */
export class RosterError extends Error {
  override readonly name = 'RosterError';
}
