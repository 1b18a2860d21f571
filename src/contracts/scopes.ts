/** What staff may do with an API key (http-api.md, "Staff"). */
export const SCOPES = ['accounts', 'intake', 'unit', 'audit', 'ops'] as const;

export type Scope = (typeof SCOPES)[number];
