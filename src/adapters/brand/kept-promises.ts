/** What people rely on, and a brand must not take from them. */
import { findAcceptedTexts, findAnsweredBesides, noteTermsTexts } from '../postgres/brand-records';
import type { Finding } from './folder-file';
import { BrandError, foldersOf, goneQuestions, type Brand } from './load-brand';
import { termsFile } from './terms';

type Queryable = Parameters<typeof findAnsweredBesides>[0];

/**
 * Throws `BrandError` for questions that people have answered and the brand no longer has, because they could not prove who they are;
 * and for terms that read otherwise than when people accepted them.
 */
export async function refuseBrokenPromises(database: Queryable, brand: Brand): Promise<void> {
  const ids = brand.policies.broker.securityQuestions.map(({ id }) => id);
  const findings = [
    ...goneQuestions(brand, await findAnsweredBesides(database, ids)),
    ...(await changedTerms(database, brand)),
  ];
  if (findings.length > 0) throw new BrandError(brand.folder, findings);
}

/** Throws as `refuseBrokenPromises`; then notes the terms that people can accept from now on. */
export async function keepPromises(database: Queryable, brand: Brand): Promise<void> {
  await refuseBrokenPromises(database, brand);
  const { version } = brand.terms.broker;
  const texts = brand.languages.flatMap((language) => {
    const found = termsFile(version, language, foldersOf(brand.folder));
    return found ? [{ version, language, digest: found.digest }] : [];
  });
  await noteTermsTexts(database, texts);
}

/** A version that the folder no longer has is nobody's: what was accepted is in the insurer's repository. */
async function changedTerms(database: Queryable, { folder }: Brand): Promise<readonly Finding[]> {
  return (await findAcceptedTexts(database)).flatMap(({ version, language, digest }) => {
    const found = termsFile(version, language, foldersOf(folder));
    if (found === undefined || found.digest === digest) return [];
    const message = `is not the text of version ${version} that people have accepted: put that back, and make a new version of this one`;
    return [{ file: found.file, line: 1, message }];
  });
}
