/** Nothing can be imported. The message is a sentence for the person who runs the import, and repeats no value of the file. */
export class RosterError extends Error {
  override readonly name = 'RosterError';
}
