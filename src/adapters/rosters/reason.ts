/**
 * Why a line, or a field of it, is refused: a text of the catalogs (`commands.import.refused`) with its values, written as one
 * string, because schemas and the table of refused lines have room for no more.
 */
import type { Language } from '../../domain/portal';
import type { TextArguments, TextKey, Texts } from '../../ports/texts';

const AREA = 'commands.import.refused';
type Name = TextKey extends infer Key ? (Key extends `${typeof AREA}.${infer Rest}` ? Rest : never) : never;

declare const isReason: unique symbol;
/** Read after the line's number and the column's name. Its values repeat none of the file. */
export type Reason = string & { readonly [isReason]: true };

export const reason = <Of extends Name>(
  name: Of,
  ...[values]: TextArguments<`${typeof AREA}.${Of}`>
): Reason => JSON.stringify([name, values ?? {}]) as Reason;

/** Throws for a message that is no reason: a check of a schema says something of its own. */
export function readReason(message: string): Reason {
  if (!message.startsWith('["')) throw new TypeError('a check of a roster has a message that is no reason');
  return message as Reason;
}

export function reasonInWords(written: Reason, language: Language, texts: Texts): string {
  const [name, values] = JSON.parse(written) as [Name, Readonly<Record<string, unknown>>];
  return String(texts.lookUp(language, `${AREA}.${name}`, values));
}
