-- CreateTable
CREATE TABLE "key_fingerprints" (
    "purpose" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "first_used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "key_fingerprints_pkey" PRIMARY KEY ("purpose","key_id")
);

-- From here on: what a Prisma schema cannot say.

ALTER TABLE "key_fingerprints" ADD CONSTRAINT "key_fingerprints_purpose_check" CHECK ("purpose" IN ('pepper', 'codec'));
