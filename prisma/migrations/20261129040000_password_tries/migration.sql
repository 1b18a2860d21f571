-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "address_key" TEXT;

-- CreateTable
CREATE TABLE "password_tries" (
    "who" TEXT NOT NULL,
    "wrong" INTEGER NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "password_tries_pkey" PRIMARY KEY ("who")
);

-- CreateIndex
CREATE INDEX "password_tries_last_at_idx" ON "password_tries"("last_at");

-- CreateIndex
CREATE INDEX "sessions_credential_id_address_key_idx" ON "sessions"("credential_id", "address_key");
