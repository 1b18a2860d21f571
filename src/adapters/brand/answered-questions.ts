import { findAnsweredBesides } from '../postgres/brand-records';
import { goneQuestions, type Brand } from './load-brand';

/** Throws `BrandError` for questions that people have answered and the brand no longer has: they could not prove who they are. */
export async function refuseGoneQuestions(
  database: Parameters<typeof findAnsweredBesides>[0],
  brand: Brand,
): Promise<void> {
  const ids = brand.policies.broker.securityQuestions.map(({ id }) => id);
  const gone = await findAnsweredBesides(database, ids);
  if (gone.length > 0) throw goneQuestions(brand, gone);
}
