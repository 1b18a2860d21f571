/** The rules and texts of a portal (spec.md 1). */
import { portalParams } from '../http/fields';
import { portalFacts, termsText } from './schemas';
import { portalFactsIn, textIn } from '../../domain/portal';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../http/route';

/** `GET /v1/portals/{portal}` and its terms. */
export function portalRoutes({ policies, terms }: Pick<ApiDeps, 'policies' | 'terms'>): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/v1/portals/{portal}',
      tag: 'Portals',
      summary: 'The rules and texts of a portal',
      description:
        'What a page needs before it asks a person for input, in the language of `Accept-Language`.',
      params: portalParams,
      responses: { 200: portalFacts },
      problems: [],
      handle: async ({ params, language }) => {
        const body = portalFactsIn(policies[params.portal], language);
        return { status: 200, headers: { 'content-language': language }, body };
      },
    }),

    defineRoute({
      method: 'get',
      path: '/v1/portals/{portal}/terms',
      tag: 'Portals',
      summary: 'The current terms of a portal',
      description: 'What a person accepts when registering, and by `POST /v1/session/terms`.',
      params: portalParams,
      responses: { 200: termsText },
      problems: [],
      handle: async ({ params, language }) => {
        const { text, ...current } = terms[params.portal];
        const body = { ...current, text: textIn(text, language) };
        return { status: 200, headers: { 'content-language': language }, body };
      },
    }),
  ];
}
