-- CreateTable
CREATE TABLE "decoy_seed" (
    "id" INTEGER NOT NULL,
    "seed" TEXT NOT NULL,

    CONSTRAINT "decoy_seed_pkey" PRIMARY KEY ("id")
);

-- From here on: what a Prisma schema cannot say.

-- One row for good: another seed would ask usernames that nobody has other questions, and so show which they are.
ALTER TABLE "decoy_seed" ADD CONSTRAINT "decoy_seed_id_check" CHECK ("id" = 1);
INSERT INTO "decoy_seed" ("id", "seed") VALUES (1, gen_random_uuid()::text || gen_random_uuid()::text);
