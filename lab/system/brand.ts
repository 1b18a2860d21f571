import { loadBrand } from '../../src/adapters/brand/load-brand';

/** The rules that the processes have unless `TENURE_BRAND` says otherwise. */
export const brand = loadBrand();
export const { policies: portalPolicies, planChangePolicy, languages } = brand;
