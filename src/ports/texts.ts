/** Every sentence for people. */
import type { TextValues } from './generated/text-keys';
import type { Language } from '../domain/portal';

export type TextKey = keyof TextValues;

/** The values of a text's placeholders; nothing for a text without any. */
export type TextArguments<Key extends TextKey> = TextValues[Key] extends null
  ? []
  : [values: TextValues[Key]];

/** Texts of one language. */
export type Say = <Key extends TextKey>(key: Key, ...values: TextArguments<Key>) => string;

export const sayIn =
  (texts: Texts, language: Language): Say =>
  (key, ...values) =>
    texts.text(language, key, ...values);

export interface Texts {
  /** The first one is used where nothing says which. */
  readonly languages: readonly Language[];
  /** The text in the language, or in the first of the languages there are. A wrong key or placeholder does not compile. */
  text<Key extends TextKey>(language: Language, key: Key, ...values: TextArguments<Key>): string;
  /** For a key with something in it that a text may exist for. */
  has(key: string): key is TextKey;
  /** For templates, which no compiler checks: also gives the lines of a list. Throws for an unknown key and for a missing value. */
  lookUp(
    language: Language,
    key: string,
    values: Readonly<Record<string, unknown>>,
  ): string | readonly string[];
}
