-- AlterTable
ALTER TABLE "accounts" ADD COLUMN "two_step_since" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "sign_ins" (
    "sign_in_id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "identity_version" INTEGER NOT NULL,
    "credential_id" UUID NOT NULL,
    "application" TEXT,
    "session_digest" TEXT,
    "pepper_id" TEXT NOT NULL,
    "code_digits" INTEGER NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sign_ins_pkey" PRIMARY KEY ("sign_in_id")
);

-- CreateTable
CREATE TABLE "sign_in_codes" (
    "sign_in_id" UUID NOT NULL,
    "sequence" INTEGER NOT NULL,
    "account_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sign_in_codes_pkey" PRIMARY KEY ("sign_in_id","sequence")
);

-- CreateTable
CREATE TABLE "two_step_changes" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "is_on" BOOLEAN NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "announced_at" TIMESTAMPTZ(3),

    CONSTRAINT "two_step_changes_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "sign_ins_opened_at_idx" ON "sign_ins"("opened_at");

-- CreateIndex
CREATE INDEX "sign_ins_session_digest_idx" ON "sign_ins"("session_digest");

-- CreateIndex
CREATE INDEX "sign_in_codes_account_id_at_idx" ON "sign_in_codes"("account_id", "at");

-- CreateIndex
CREATE INDEX "sign_in_codes_at_idx" ON "sign_in_codes"("at");

-- CreateIndex
CREATE INDEX "two_step_changes_changed_at_idx" ON "two_step_changes"("changed_at");

-- From here on: what a Prisma schema cannot say.

-- One is for signing in to an application, the other for turning two-step on in a session.
ALTER TABLE "sign_ins" ADD CONSTRAINT "sign_ins_purpose_check" CHECK (("application" IS NULL) <> ("session_digest" IS NULL));

-- Counts a code unless the hour's are used up. Parallel calls for one account wait for each other; the same code counts once.
CREATE FUNCTION "count_sign_in_code"(sign_in uuid, number int, account uuid, made_at timestamptz, since timestamptz, at_most int)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(account::text, 0));
  INSERT INTO sign_in_codes (sign_in_id, sequence, account_id, at)
  SELECT sign_in, number, account, made_at
  WHERE (SELECT count(*) FROM sign_in_codes WHERE account_id = account AND at > since) < at_most
  ON CONFLICT DO NOTHING;
  RETURN EXISTS (SELECT FROM sign_in_codes WHERE sign_in_id = sign_in AND sequence = number);
END
$$;

-- Whoever turns two-step verification on or off, this is written with it: the owner is told, at the address of that moment.
CREATE FUNCTION "note_two_step_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO two_step_changes (id, account_id, email, is_on, changed_at)
  VALUES (gen_random_uuid(), OLD.id, OLD.email, NEW.two_step_since IS NOT NULL, now());
  RETURN NULL;
END
$$;
CREATE TRIGGER "accounts_two_step_change" AFTER UPDATE ON "accounts" FOR EACH ROW
  WHEN ((OLD.two_step_since IS NULL) <> (NEW.two_step_since IS NULL))
  EXECUTE FUNCTION "note_two_step_change"();

-- Those that are to be announced: few, and for minutes.
CREATE INDEX "two_step_changes_unannounced_idx" ON "two_step_changes"("changed_at", "id") WHERE "announced_at" IS NULL;

ALTER TABLE "mail_deliveries" DROP CONSTRAINT "mail_deliveries_kind_check";
ALTER TABLE "mail_deliveries" ADD CONSTRAINT "mail_deliveries_kind_check"
  CHECK ("kind" IN ('pin', 'sign-in-code', 'password-changed', 'username-reminded', 'account-registered', 'address-changed',
                    'two-step-changed', 'access-invitation', 'recovery-limit-reached', 'password-reminder',
                    'plan-change-completed', 'agent-of-record-kept', 'agent-of-record-gained', 'agent-of-record-lost',
                    'plan-change-waiting', 'plan-change-overdue', 'plan-change-held', 'plan-change-still-held',
                    'plan-change-corrected', 'agent-of-record-corrected', 'agent-terminated'));
