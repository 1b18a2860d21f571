-- DropIndex
DROP INDEX "accounts_portal_email_key_key";

-- AlterTable
ALTER TABLE "accounts" ADD COLUMN     "agent_key" TEXT,
ADD COLUMN     "broker_kind" TEXT,
ADD COLUMN     "phone" TEXT,
ADD COLUMN     "terms_accepted_at" TIMESTAMPTZ(3),
ADD COLUMN     "terms_version" TEXT;

-- AlterTable
ALTER TABLE "audit_events" ADD COLUMN     "api_key_id" UUID;

-- AlterTable
ALTER TABLE "mail_deliveries" ALTER COLUMN "account_id" DROP NOT NULL;

-- CreateTable
CREATE TABLE "agents" (
    "agent_key" TEXT NOT NULL,
    "agent_number" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "first_name" TEXT NOT NULL,
    "last_name" TEXT NOT NULL,
    "last_name_keys" TEXT[],
    "first_name_key" TEXT NOT NULL,
    "previous_last_names" TEXT[],
    "principal_key" TEXT,
    "ssn_digest" TEXT NOT NULL,
    "pepper_id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "welcomed_on" DATE,
    "company" TEXT NOT NULL,
    "terminated_on" DATE,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "agents_pkey" PRIMARY KEY ("agent_key")
);

-- CreateTable
CREATE TABLE "agent_standing" (
    "agent_key" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "valid_from" DATE NOT NULL,
    "valid_to" DATE,

    CONSTRAINT "agent_standing_pkey" PRIMARY KEY ("agent_key","type","scope","valid_from")
);

-- CreateTable
CREATE TABLE "security_answers" (
    "account_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "question_id" TEXT NOT NULL,
    "salt" TEXT NOT NULL,
    "stretched" TEXT NOT NULL,

    CONSTRAINT "security_answers_pkey" PRIMARY KEY ("account_id","position")
);

-- CreateTable
CREATE TABLE "access_invitations" (
    "id" UUID NOT NULL,
    "pepper_id" TEXT NOT NULL,
    "code_digest" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "email_key" TEXT NOT NULL,
    "first_name" TEXT NOT NULL,
    "last_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "replaced_at" TIMESTAMPTZ(3),
    "created_by" UUID NOT NULL,

    CONSTRAINT "access_invitations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "scopes" TEXT[],
    "staff_number" TEXT,
    "digest" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "agents_ssn_digest_idx" ON "agents"("ssn_digest");

-- CreateIndex
CREATE UNIQUE INDEX "security_answers_account_id_question_id_key" ON "security_answers"("account_id", "question_id");

-- CreateIndex
CREATE UNIQUE INDEX "access_invitations_code_digest_key" ON "access_invitations"("code_digest");

-- CreateIndex
CREATE INDEX "access_invitations_email_key_idx" ON "access_invitations"("email_key");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_digest_key" ON "api_keys"("digest");

-- CreateIndex
CREATE UNIQUE INDEX "accounts_agent_key_key" ON "accounts"("agent_key");

-- CreateIndex
CREATE INDEX "accounts_portal_email_key_idx" ON "accounts"("portal", "email_key");

-- CreateIndex
CREATE INDEX "audit_events_api_key_id_at_idx" ON "audit_events"("api_key_id", "at");

-- AddForeignKey
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_agent_key_fkey" FOREIGN KEY ("agent_key") REFERENCES "agents"("agent_key") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_standing" ADD CONSTRAINT "agent_standing_agent_key_fkey" FOREIGN KEY ("agent_key") REFERENCES "agents"("agent_key") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "security_answers" ADD CONSTRAINT "security_answers_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- From here on: what a Prisma schema cannot say.

-- A member is looked up by address, so no two share one. Brokers are not, and an office may have one for all.
CREATE UNIQUE INDEX "accounts_member_email_key" ON "accounts"("email_key") WHERE "portal" = 'member';

-- One open invitation an address.
CREATE UNIQUE INDEX "access_invitations_open_key" ON "access_invitations"("email_key")
  WHERE "used_at" IS NULL AND "replaced_at" IS NULL;

-- A corporation's licensed principal is an agent of the roster. Checked at the end: both may come with the same file.
ALTER TABLE "agents" ADD CONSTRAINT "agents_principal_key_fkey" FOREIGN KEY ("principal_key") REFERENCES "agents"("agent_key")
  DEFERRABLE INITIALLY DEFERRED;

-- Words of the code's string unions; a new one comes with a migration.
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_broker_kind_check"
  CHECK ("broker_kind" IS NULL OR ("broker_kind" IN ('agent', 'corporation', 'other') AND "portal" = 'broker'));
ALTER TABLE "agents" ADD CONSTRAINT "agents_kind_check" CHECK ("kind" IN ('agent', 'corporation'));
ALTER TABLE "agent_standing" ADD CONSTRAINT "agent_standing_type_check"
  CHECK ("type" IN ('licence', 'appointment', 'certification'));
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_scopes_check"
  CHECK ("scopes" <> '{}' AND "scopes" <@ ARRAY['accounts', 'intake', 'unit', 'audit', 'ops']);
ALTER TABLE "mail_deliveries" DROP CONSTRAINT "mail_deliveries_kind_check";
ALTER TABLE "mail_deliveries" ADD CONSTRAINT "mail_deliveries_kind_check"
  CHECK ("kind" IN ('pin', 'password-changed', 'username-reminded', 'access-invitation'));

-- What goes with what.
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_agent_key_check"
  CHECK (("agent_key" IS NOT NULL) = coalesce("broker_kind" IN ('agent', 'corporation'), false));
ALTER TABLE "agents" ADD CONSTRAINT "agents_principal_key_check" CHECK (("principal_key" IS NOT NULL) = ("kind" = 'corporation'));
ALTER TABLE "agent_standing" ADD CONSTRAINT "agent_standing_valid_to_check" CHECK ("valid_to" >= "valid_from");
ALTER TABLE "security_answers" ADD CONSTRAINT "security_answers_position_check" CHECK ("position" IN (1, 2));
ALTER TABLE "mail_deliveries" ADD CONSTRAINT "mail_deliveries_account_id_check"
  CHECK (("account_id" IS NULL) = ("kind" = 'access-invitation'));
