-- A brand brings its own languages: the form of a language is checked, not which ones there are.
ALTER TABLE "accounts" DROP CONSTRAINT "accounts_language_check";
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_language_check" CHECK ("language" ~ '^[a-z]{2,3}$');
ALTER TABLE "customers" DROP CONSTRAINT "customers_language_check";
ALTER TABLE "customers" ADD CONSTRAINT "customers_language_check" CHECK ("language" ~ '^[a-z]{2,3}$');

CREATE TABLE "brand_fingerprints" (
    "process" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "noted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "brand_fingerprints_pkey" PRIMARY KEY ("process"),
    CONSTRAINT "brand_fingerprints_process_check" CHECK ("process" IN ('api', 'worker', 'web'))
);
