-- CreateTable
CREATE TABLE "address_changes" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "former_email" TEXT NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "announced_at" TIMESTAMPTZ(3),

    CONSTRAINT "address_changes_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "address_changes_changed_at_idx" ON "address_changes"("changed_at");

-- From here on: what a Prisma schema cannot say.

-- Whoever changes an account's address, this is written with it: the address before is told (spec.md 1). An address that is only
-- written or folded in another way is none that changed.
CREATE FUNCTION "note_address_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO address_changes (id, account_id, former_email) VALUES (gen_random_uuid(), OLD.id, OLD.email);
  RETURN NULL;
END
$$;
CREATE TRIGGER "accounts_address_change" AFTER UPDATE ON "accounts" FOR EACH ROW
  WHEN (OLD.email IS DISTINCT FROM NEW.email AND OLD.email_key IS DISTINCT FROM NEW.email_key)
  EXECUTE FUNCTION "note_address_change"();

-- Those that are to be announced: few, and for minutes.
CREATE INDEX "address_changes_unannounced_idx" ON "address_changes"("changed_at", "id") WHERE "announced_at" IS NULL;

ALTER TABLE "mail_deliveries" DROP CONSTRAINT "mail_deliveries_kind_check";
ALTER TABLE "mail_deliveries" ADD CONSTRAINT "mail_deliveries_kind_check"
  CHECK ("kind" IN ('pin', 'password-changed', 'username-reminded', 'account-registered', 'address-changed', 'access-invitation',
                    'password-reminder', 'plan-change-completed', 'agent-of-record-kept', 'agent-of-record-gained',
                    'agent-of-record-lost', 'plan-change-waiting', 'plan-change-overdue', 'plan-change-held',
                    'plan-change-still-held'));
